"""The machine's own time as a time zone, through every change of its clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo


class LocalTime(tzinfo):
    """What the system says the local time is at each moment."""

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        """How far the local clock was ahead at `moment`."""
        return _local(moment).utcoffset()

    def dst(self, moment: datetime | None) -> timedelta | None:
        """Not known apart from the offset."""
        del moment
        return None

    def tzname(self, moment: datetime | None) -> str | None:
        """What the system calls the time at `moment`."""
        return _local(moment).tzname()

    def fromutc(self, moment: datetime) -> datetime:
        """The local clock at a moment that is written in UTC."""
        return moment.replace(tzinfo=UTC).astimezone().replace(tzinfo=self)


LOCAL_TIME = LocalTime()


def _local(moment: datetime | None) -> datetime:
    return (moment.replace(tzinfo=None) if moment else datetime.now()).astimezone()
