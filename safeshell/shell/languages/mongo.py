"""Reads what is given to mongosh: collections, databases, replica sets, shards, and commands by their names.

The calls come from the scan that JavaScript shares; what they do to a server is here.
Facts: the MongoDB 7.0 manual, mongosh methods and database commands.
"""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import EffectKind, Extent, Severity
from safeshell.guard.reading import Command, Finding
from safeshell.shell.languages.calls import MAX_ARGUMENTS, Call, Index, calls_of, groups, index_of
from safeshell.shell.languages.code_tokens import CodeToken, tokens_of
from safeshell.shell.languages.found import MAX_CHARACTERS, Deed, Found, reading, unproven, unreadable, words
from safeshell.shell.languages.node import JAVASCRIPT, READING_NAMES
from safeshell.shell.word import UNKNOWN

_D, _C, _S, _W, _G, _O, _E = (
    EffectKind.DELETE, EffectKind.CONFIGURE, EffectKind.STOP, EffectKind.WRITE, EffectKind.GRANT,
        EffectKind.OVERWRITE,
    EffectKind.EXECUTE,
)  # fmt: skip
_ONE, _MANY, _ALL = Extent.ONE, Extent.MANY, Extent.EVERYTHING

_COUNT: Final = "`countDocuments` with the same filter first"
_DROP: Final = Deed(
    "mongo.drop", _D, _ALL, "drops the collection {} with all its documents", "rename it first"
)
_DROP_DATABASE: Final = Deed("mongo.drop-database", _D, _ALL, "drops the whole database", "`mongodump` first")
_DELETE_ALL: Final = Deed(
    "mongo.delete-all", _D, _ALL, "deletes every document of {}", "say which with a filter"
)
_DELETE: Final = Deed("mongo.delete", _D, _ONE, "deletes the documents of {} that fit", _COUNT)
_UPDATE_ALL: Final = Deed(
    "mongo.update-all", _O, _ALL, "changes every document of {}", "say which with a filter"
)
_UPDATE: Final = Deed("mongo.update", _O, _ONE, "changes the documents of {} that fit", _COUNT)
_INSERT: Final = Deed("mongo.insert", _W, _ONE, "adds documents to {}")
_RENAME: Final = Deed("mongo.rename", _S, _MANY, "renames {}: what uses the old name fails")
_INDEX: Final = Deed(
    "mongo.create-index", _C, _ONE, "builds an index on {}: it takes load and disk", "at a quiet hour"
)
_DROP_INDEX: Final = Deed(
    "mongo.drop-index",
    _D,
    _ONE,
    "drops an index of {}: queries that need it slow down",
    "hide it first: `hideIndex`",
)
_DROP_INDEXES: Final = Deed(
    "mongo.drop-indexes", _D, _MANY, "drops every index of {} but the one on _id", "drop one by its name"
)
_OUT: Final = Deed(
    "mongo.out", _O, _MANY, "replaces a collection by the result ($out)", "write to a new collection"
)
_MERGE: Final = Deed("mongo.merge", _O, _ONE, "merges the result into a collection ($merge)")
_MAKE: Final = Deed("mongo.create", _W, _ONE, "makes a collection or view")
_SHUTDOWN: Final = Deed("mongo.shutdown", _S, _ALL, "shuts the server down")
_LOCK: Final = Deed("mongo.lock", _S, _ALL, "stops all writes on the server until it is unlocked")
_UNLOCK: Final = Deed("mongo.unlock", _W, _ONE, "lets writes in again")
_KILL: Final = Deed(
    "mongo.kill-operation", _S, _ONE, "ends a running operation", "look at it first: `db.currentOp()`"
)
_KILL_ALL: Final = Deed("mongo.kill-sessions", _S, _MANY, "ends sessions and what runs in them")
_STEP_DOWN: Final = Deed(
    "mongo.step-down", _S, _MANY, "makes the primary give up: no writes until another is elected"
)
_RECONFIGURE: Final = Deed(
    "mongo.reconfigure", _C, _MANY, "changes the replica set's members or settings", "keep `rs.conf()` first"
)
_MEMBER: Final = Deed(
    "mongo.remove-member", _S, _MANY, "takes a member out of the replica set or a shard out of the cluster"
)
_SHARD: Final = Deed("mongo.shard", _C, _MANY, "changes how data is spread over the cluster")
_USER: Final = Deed("mongo.user", _G, _ONE, "changes users or what they may do")
_USERS: Final = Deed(
    "mongo.drop-users", _G, _ALL, "drops every user or role of the database", severity=Severity.CRITICAL
)
_PARAMETER: Final = Deed("mongo.parameter", _C, _MANY, "changes a setting of the server")
_PROFILE: Final = Deed("mongo.profile", _C, _ONE, "changes what the server profiles or logs")
_COMPACT: Final = Deed("mongo.compact", _S, _MANY, "rebuilds {}; operations on it wait")
_MODIFY: Final = Deed("mongo.modify", _C, _ONE, "changes the collection {}")
_LOAD: Final = Deed("mongo.load", _E, _ONE, "runs the script {}, which was not read here", "read it first")
_ROTATE: Final = Deed("mongo.rotate-log", _W, _ONE, "starts a new log file")
_SYNC: Final = Deed("mongo.resync", _S, _ONE, "makes a member follow another one, or pause")


def _by_name(*rows: tuple[Deed, str]) -> dict[str, Deed]:
    return {name: deed for deed, names in rows for name in names.split()}


_METHODS: Final = _by_name(
    (_DROP, "drop"),
    (_DROP_DATABASE, "dropDatabase"),
    (_DELETE, "deleteOne findOneAndDelete"),
    (
        _UPDATE,
        "bulkWrite findAndModify findOneAndUpdate findOneAndReplace updateOne replaceOne save mapReduce",
    ),
    (_INSERT, "insert insertOne insertMany cloneDatabase copyDatabase cloneCollection"),
    (_RENAME, "renameCollection"),
    (_INDEX, "createIndex createIndexes ensureIndex hideIndex unhideIndex setIndexCommitQuorum"),
    (_DROP_INDEXES, "dropIndexes"),
    (_DROP_INDEX, "dropIndex"),
    (_COMPACT, "reIndex compact convertToCapped repairDatabase"),
    (_MAKE, "createCollection createView"),
    (_SHUTDOWN, "shutdownServer"),
    (_LOCK, "fsyncLock"),
    (_UNLOCK, "fsyncUnlock"),
    (_KILL, "killOp kill"),
    (_KILL_ALL, "killSessions killAllSessions killAllSessionsByPattern"),
    (_STEP_DOWN, "stepDown"),
    (_RECONFIGURE, "reconfig reconfigForPSASet initiate addArb"),
    (_SYNC, "freeze syncFrom"),
    (
        _USER,
        (
            "createUser updateUser dropUser removeUser grantRolesToUser revokeRolesFromUser createRole"
            " updateRole dropRole grantPrivilegesToRole revokePrivilegesFromRole addUser grantRolesToRole"
            " revokeRolesFromRole changeUserPassword"
        ),
    ),
    (_USERS, "dropAllUsers dropAllRoles"),
    (
        _PROFILE,
        "setProfilingLevel setLogLevel setLogComponent logout rotateCertificates disableFreeMonitoring",
    ),
    (_LOAD, "load"),
    (
        _SHARD,
        (
            "enableSharding shardCollection reshardCollection moveChunk splitAt splitFind addShard"
            " stopBalancer startBalancer setBalancerState enableBalancing disableBalancing addShardTag"
            " addTagRange removeShardTag updateZoneKeyRange addShardToZone removeRangeFromZone"
            " disableAutoSplit enableAutoSplit movePrimary moveRange abortReshardCollection"
            " commitReshardCollection unshardCollection"
        ),
    ),
    (_MEMBER, "removeShard"),
)
_COMMANDS: Final = _by_name(
    (_SHUTDOWN, "shutdown"),
    (_LOCK, "fsync"),
    (_DROP, "drop"),
    (_DROP_DATABASE, "dropdatabase"),
    (_DELETE, "delete"),
    (_UPDATE, "update findandmodify mapreduce applyops"),
    (_INSERT, "insert clonecollectionascapped copydb clone"),
    (_INDEX, "createindexes"),
    (_DROP_INDEXES, "dropindexes deleteindexes"),
    (_RENAME, "renamecollection"),
    (_MODIFY, "collmod"),
    (_COMPACT, "compact reindex converttocapped repairdatabase"),
    (_MAKE, "create"),
    (_STEP_DOWN, "replsetstepdown replsetabortprimarycatchup"),
    (_RECONFIGURE, "replsetreconfig replsetinitiate"),
    (_SYNC, "replsetfreeze replsetsyncfrom replsetmaintenance"),
    (
        _PARAMETER,
        (
            "replsetresizeoplog setparameter setfeaturecompatibilityversion setdefaultrwconcern"
            " setclusterparameter"
        ),
    ),
    (_ROTATE, "logrotate flushrouterconfig"),
    (_KILL, "killop killcursors"),
    (_KILL_ALL, "killsessions killallsessions killallsessionsbypattern dropconnections"),
    (
        _USER,
        (
            "createuser updateuser dropuser grantrolestouser revokerolesfromuser createrole updaterole"
            " droprole grantprivilegestorole revokeprivilegesfromrole"
        ),
    ),
    (_USERS, "dropallusersfromdatabase dropallrolesfromdatabase"),
    (_PROFILE, "profile plancacheclear plancacheclearfilters clearlog"),
    (
        _SHARD,
        (
            "addshard enablesharding shardcollection reshardcollection movechunk moveprimary split"
            " mergechunks balancerstop balancerstart"
        ),
    ),
    (_MEMBER, "removeshard transitiontodedicatedconfigserver"),
    (_UNLOCK, "fsyncunlock"),
    (_LOAD, "eval"),
)
_READING_COMMANDS: Final = words(
    "ping serverstatus dbstats collstats buildinfo hello ismaster replsetgetstatus replsetgetconfig"
    " listdatabases listcollections"
    " listindexes getparameter currentop connpoolstats top getlog hostinfo count find distinct explain"
    " connectionstatus usersinfo"
    " rolesinfo whatsmyuri getcmdlineopts features datasize getshardversion getshardmap listshards"
    " balancerstatus shardconnpoolstats"
    " isdbgrid serverbuildinfo getmore lockinfo replsetheartbeat availablequeryoptions listcommands"
    " getlasterror validatedbmetadata"
    " getdefaultrwconcern getclusterparameter aggregate plancachelistfilters dbhash"
    " getfreemonitoringstatus analyzeshardkey"
    " balancercollectionstatus querystats"
)
_READING: Final = words(READING_NAMES) | words(
    "db rs sh sleep find findOne count countDocuments estimatedDocumentCount distinct stats serverStatus"
    " currentOp explain getIndexes"
    " getIndexKeys getCollectionNames getCollectionInfos getCollection getSiblingDB getMongo getDB getName"
    " getFullName getDBNames getDBs"
    " print printjson printjsononeline tojson tojsonObject EJSON pretty toArray sort limit skip hint"
    " batchSize maxTimeMS comment readPref project"
    " projection itcount objsLeftInBatch hasNext next tryNext forEach map max min returnKey showRecordId"
    " collation allowDiskUse noCursorTimeout"
    " readConcern tailable status conf config printReplicationInfo printSecondaryReplicationInfo"
    " printSlaveReplicationInfo"
    " getReplicationInfo isMaster hello buildInfo serverBuildInfo serverCmdLineOpts hostInfo version"
    " dataSize storageSize totalIndexSize"
    " totalSize isCapped latencyStats getShardDistribution getShardVersion listCommands help getUsers"
    " getUser getRoles getRole"
    " getProfilingStatus getProfilingLevel getLogComponents getReadPref setReadPref setSecondaryOk"
    " secondaryOk setSlaveOk slaveOk"
    " getBalancerState isBalancerRunning getBalancerHost printShardingStatus listShards listDatabases"
    " databases"
    " adminCommand runCommand aggregate watch getPlanCache list getWriteConcern getReadConcern executionStats"
    " queryPlanner ObjectId ISODate NumberLong NumberInt NumberDecimal Long Int32 Decimal128 Timestamp"
    " UUID BinData quit exit use show"
    " auth getKeyFile inprog opid secs_running fcv process env setLevel isPrimary localTime now valueOf"
    " getTimestamp inspect passwordPrompt"
    " getCollectionInfo printCollectionStats getSecondaryOk startSession getDatabase Object keys indexOf"
    " stringify findById latestOptimeDate"
)
_UNREAD: Final = words("eval Function require import constructor connect Mongo")
_KEYWORDS: Final = words(
    "var let const function return if else for while do in of new typeof this null true false try catch"
    " throw break continue"
    " switch case default undefined async await MinKey MaxKey"
)


def read(text: str, *, dialect: str = "") -> Found:  # noqa: ARG001 - every language has the same form
    """What a text for mongosh does, as far as it is written there.

    Args:
        text: any text; `UNKNOWN` where only the shell knows.
        dialect: not used.
    """
    whole = (0, len(text))
    if len(text) > MAX_CHARACTERS:
        return unreadable("mongo.too-long", Severity.HIGH, "the mongosh code is too long to be read", whole)
    if text.strip().startswith(UNKNOWN):
        return unreadable(
            "mongo.unknown",
            Severity.MEDIUM,
            "only the running shell knows what this mongosh code is",
            whole,
            "write it out",
        )
    found = tokens_of(text, JAVASCRIPT)
    commands: dict[Command, None] = {}
    findings: list[Finding] = []
    proven = not found.broken and not any(
        token.kind != "string" and UNKNOWN in token.text for token in found.tokens
    )
    for tokens in groups(found.tokens):
        index = index_of(tokens)
        known = _variables(index)
        for call in calls_of(index, bare_arguments=False):
            deed = _deed(call)
            if deed is not None:
                commands[deed.command(call.path[-60:], _thing(call), call.span)] = None
            elif len(call.arguments) >= MAX_ARGUMENTS - 2:
                proven = False
            elif call.name in _UNREAD and call.called:
                findings.append(_evaluates(call))
            elif not _is_known(call, index, known):
                proven = False
        proven = proven and not any(
            index.text(at) == "]" and index.text(at + 1) == "(" for at in range(len(index.tokens))
        )
    made = tuple(commands)
    if not proven:
        made = (*made, unproven("mongosh", whole))
    elif not made:
        made = (reading("mongosh", whole),)
    return Found(made, tuple(findings))


def _evaluates(call: Call) -> Finding:
    return Finding(
        "mongo.evaluates",
        Severity.MEDIUM,
        f"{call.path[:60]} runs code that was not read here",
        "write it out",
        call.span,
    )


def _thing(call: Call) -> str:
    """The collection or database that the call is on."""
    if call.chain[:1] in (("rs",), ("sh",)) or call.name in ("runCommand", "adminCommand"):
        named = call.strings()[:1]
        return (
            named[0]
            if named
            else {"rs": "the replica set", "sh": "the cluster"}.get(call.chain[0], "the server")
        )
    chain = [
        name
        for name in call.chain
        if name not in ("db", "getSiblingDB", "getCollection", "getMongo", "getDB")
    ]
    return chain[0] if chain else "the database"


def _deed(call: Call) -> Deed | None:
    """What a call does to the server; None for nothing that is known."""
    if not call.called or not call.chain:
        return _LOAD if call.name == "load" and call.called else None
    owner = call.chain[-1]
    match call.name:
        case "runCommand" | "adminCommand":
            return _command(call)
        case "aggregate":
            return _pipeline(call.arguments)
        case "deleteMany" | "remove" | "delete" if owner == "rs":
            return _MEMBER
        case "deleteMany" | "remove":
            return _DELETE_ALL if call.is_empty() else _DELETE
        case "updateMany" | "update":
            return (
                _UPDATE_ALL
                if call.is_empty() and (call.name == "updateMany" or "multi" in _names(call.arguments))
                else _UPDATE
            )
        case "add" if owner == "rs":
            return _RECONFIGURE
        case "dropIndex" if "*" in call.strings():
            return _DROP_INDEXES
        case "drop" | "clear" if "getPlanCache" in call.chain:
            return _PROFILE
        case "setProfilingLevel":
            return _PROFILE
    deed = _METHODS.get(call.name)
    return None if deed is _KILL and call.name == "kill" and owner not in ("db", "?") else deed


def _names(tokens: tuple[CodeToken, ...]) -> set[str]:
    return {token.text for token in tokens if token.kind in ("name", "string")}


def _pipeline(tokens: tuple[CodeToken, ...]) -> Deed | None:
    named = _names(tokens)
    return _OUT if "$out" in named else _MERGE if "$merge" in named else None


_UNSEEN_COMMAND: Final = Deed(
    "mongo.command", _E, _ONE, "runs a command that can't be read here", "write it out"
)


def _command(call: Call) -> Deed | None:
    """The command of `runCommand({name: …})`: the first key of the object, or a text."""
    tokens = [token for token in call.arguments if token.text not in ("{", "(")]
    if not tokens or tokens[0].kind not in ("name", "string"):
        return _UNSEEN_COMMAND
    name = tokens[0].text.lower()
    if name == "aggregate":
        return _pipeline(call.arguments)
    if name == "delete" and "q:{}" in "".join(token.text for token in call.arguments):
        return _DELETE_ALL
    if name in _READING_COMMANDS:
        return None
    if name == "profile" and "-1" in "".join(token.text for token in call.arguments):
        return None
    return _COMMANDS.get(name, _UNSEEN_COMMAND)


def _variables(index: Index) -> frozenset[str]:
    """Names that the text gives a value to, or takes as parameters."""
    names: set[str] = set()
    for at, token in enumerate(index.tokens):
        if token.kind != "name" or index.text(at - 1) == ".":
            continue
        before, behind = index.text(at - 1), index.text(at + 1)
        is_parameter = before in ("(", ",") and behind in (")", ",")
        if is_parameter or before in ("var", "let", "const") or behind in ("=", "=>", "of", "in", "+=", "++"):
            names.add(token.text)
    return frozenset(names)


def _is_known(call: Call, index: Index, known: frozenset[str]) -> bool:
    """Whether a name by itself changes nothing: it reads, or is a collection, a field, a key, a variable."""
    if call.called:
        return call.name in _READING or call.name in _KEYWORDS
    if call.chain or call.name in _KEYWORDS or call.name in _READING or call.name in known:
        return True
    if index.text(call.at + 1) == ":" or call.name.startswith("$"):
        return True
    return index.text(call.at - 1) in ("show", "use", "[") or index.text(call.at + 1) == "]"
