"""aws: what an operation does, by its verb; AWS names its operations by rule.

Facts: the AWS CLI 2 command reference.
"""

from __future__ import annotations

from typing import Final

from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.checks.retaken import retaken, spec, words
from safeshell.shell.invocation import Invocation
from safeshell.shell.word import UNKNOWN

_AWS: Final = spec(
    "--profile --region --output --query --endpoint-url --color --ca-bundle --cli-read-timeout"
    " --cli-connect-timeout"
    " --cli-binary-format --cli-input-json --cli-input-yaml"
)
_READING: Final = lazy_pattern(
    r"(?:describe|get|list|head|lookup|search|batch-get|batch-describe|filter|estimate|preview|validate"
    r"|verify|check|discover"
    r"|detect|download-db-log|simulate|view|count|read|retrieve|compare|select|resolve|test|can-|is-"
    r"|calculate|tail|wait)(?:-.*|$)"
    r"|ls|query|scan|help|wait|tail|decode-authorization-message|assume-role(?:-.*)?|get-caller-identity"
    r"|filter-log-events|query-objects"
    r"|transact-get-items|presign|history|explain|evaluate-.*"
)
_NOT_READING: Final = words(
    "get-object get-object-torrent get-bucket-object get-login-token-file restore-object start-query"
    " download-db-log-file-portion test-failover test-invoke-method test-repository-triggers"
    " get-object-lambda-response"
    ""
)
_DELETING: Final = lazy_pattern(
    r"(?:delete|terminate|remove|purge|deregister|destroy|batch-delete|rm|rb|empty|release|revoke-snapshot"
    r"|forget|unsubscribe"
    r"|schedule-key-deletion|expire|abort|close-account|decommission|leave-organization|discard)(?:-.*|$)"
)
_WHOLE: Final = lazy_pattern(
    r"delete-(?:db-instance|db-cluster|global-cluster|stack|stack-set|cluster|bucket|table|file-system"
    r"|hosted-zone|domain|cache-cluster"
    r"|replication-group|serverless-cache|nodegroup|vault|user-pool|repository|organization|key-pair"
    r"|backup-vault|snapshot"
    r"|db-snapshot|db-cluster-snapshot|db-instance-automated-backup|recovery-point|function|service"
    r"|load-balancer|vpc"
    r"|distribution|application|environment|rest-api|api|queue|topic|stream|delivery-stream|log-group"
    r"|auto-scaling-group"
    r"|secret|image|workspace|workgroup|data-catalog|database|volume|tables|parameter|parameters|objects)"
    r"|terminate-(?:instances|environment|workspaces|job-flows)|schedule-key-deletion|close-account"
    r"|empty-bucket"
    r"|delete-network-.*|release-hosts|purge-queue|deregister-image|leave-organization"
)
_STOPPING: Final = lazy_pattern(
    r"(?:stop|reboot|disable|suspend|detach|cancel|failover|drain|pause|disassociate|shutdown|restart"
    r"|force|evict|send-shutdown"
    r"|switchover|hibernate|enter-standby|complete-lifecycle)(?:-.*|$)"
)
_CONFIGURING: Final = lazy_pattern(
    r"(?:modify|update|put|set|change|associate|enable|attach|replace|reset|rotate|apply|deploy|restore"
    r"|promote|resize|scale|start"
    r"|execute|publish|register|rollback|invalidate|upgrade|tag|untag|move|swap|authorize|revoke|grant"
    r"|add)(?:-.*|$)"
)
_GRANTING: Final = lazy_pattern(
    r"(?:attach|put|create|update|delete|detach|set|add|remove|upload|enable|change)-.*(?:policy|policies"
    r"|role|user|access-key"
    r"|login-profile|permission|permissions|acl|public-access-block|mfa-device|group-membership"
    r"|service-specific-credential)"
    r"|(?:authorize|revoke)-security-group-.*|add-user-to-group|remove-user-from-group|.*-permission"
    r"|create-grant|revoke-grant"
)
_DRY: Final = ("--dry-run", "--dryrun", "--generate-cli-skeleton", "--no-execute-changeset")


def _operation(invocation: Invocation) -> tuple[str, str]:
    """The service and the operation; "" for what is not known."""
    operands = retaken(invocation, _AWS).operands[:2]
    if any(UNKNOWN in word.text for word in operands):
        return "", ""
    texts = [word.text for word in operands]
    return (texts[0] if texts else "", texts[1] if len(texts) > 1 else "")


def reads(invocation: Invocation) -> bool:
    """The operation describes, gets or lists; or is a dry run."""
    service, verb = _operation(invocation)
    if invocation.has("--dry-run", "--dryrun") and verb:
        return True
    if service == "configure":
        return verb in ("list", "get", "list-profiles", "export-credentials")
    if service == "s3":
        return verb in ("ls", "presign")
    if service == "sso" or not verb or verb in _NOT_READING:
        return False
    return _READING.fullmatch(verb) is not None


def deletes(invocation: Invocation) -> bool:
    """The operation deletes, ends or removes something."""
    _, verb = _operation(invocation)
    return _DELETING.fullmatch(verb) is not None and not invocation.has(*_DRY)


def deletes_everything(invocation: Invocation) -> bool:
    """… a whole thing with all in it: a database, a cluster, a bucket, instances."""
    service, verb = _operation(invocation)
    if invocation.has(*_DRY):
        return False
    if service == "s3":
        return (verb == "rb" and invocation.has("--force")) or (
            verb == "rm" and invocation.has("--recursive")
        )
    return _WHOLE.fullmatch(verb) is not None


def stops(invocation: Invocation) -> bool:
    """The operation stops, reboots, detaches or disables something."""
    _, verb = _operation(invocation)
    return _STOPPING.fullmatch(verb) is not None and not invocation.has(*_DRY)


def configures(invocation: Invocation) -> bool:
    """The operation changes settings of something that is there."""
    _, verb = _operation(invocation)
    return _CONFIGURING.fullmatch(verb) is not None and not invocation.has(*_DRY)


def grants(invocation: Invocation) -> bool:
    """The operation changes who may do what."""
    _, verb = _operation(invocation)
    return _GRANTING.fullmatch(verb) is not None and not invocation.has(*_DRY)
