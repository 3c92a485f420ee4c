"""Reads JavaScript one-liners of node, deno and bun: what they run, delete, write and send.

Facts: the Node.js 20 reference: fs, child_process, process.
"""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import EffectKind, Extent
from safeshell.shell.languages.calls import Call
from safeshell.shell.languages.code_tokens import Grammar
from safeshell.shell.languages.found import Deed, Found, words
from safeshell.shell.languages.script_reading import Rule, ScriptLanguage, read_script

_D, _O, _W = EffectKind.DELETE, EffectKind.OVERWRITE, EffectKind.WRITE
_ONE, _MANY = Extent.ONE, Extent.MANY

JAVASCRIPT: Final = Grammar(
    comments=r"//[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)|\#![^\n]*",
    names=r"[A-Za-z_$][\w$]*",
    rich='"`',
    opening="${",
    regexes=True,
)

_REMOVE: Final = Deed("node.unlink", _D, _ONE, "deletes {}")
_TREE: Final = Deed("node.delete-tree", _D, _MANY, "deletes {} and all in it", "list it first")
_WRITE: Final = Deed("node.write-file", _O, _ONE, "writes the file {}")
_APPEND: Final = Deed("node.append-file", _W, _ONE, "appends to the file {}")
_MODE: Final = Deed("node.file-mode", EffectKind.CONFIGURE, _ONE, "changes who may use a file")
_MAKE: Final = Deed("node.make-file", _W, _ONE, "makes {}")
_KILL: Final = Deed("node.kill", EffectKind.STOP, _ONE, "sends a signal to a process")
_SEND: Final = Deed("node.sends", _W, _ONE, "sends something to {}")
_SEND_DELETE: Final = Deed("node.sends-delete", _D, _ONE, "asks {} to delete something")
_FLUSH: Final = Deed(
    "node.flush",
    _D,
    Extent.EVERYTHING,
    "deletes every key of the Redis database",
    "delete the keys that are wrong",
)
_DELETE_ALL: Final = Deed(
    "node.delete-all", _D, Extent.EVERYTHING, "deletes every record", "say which with a filter"
)
_DELETE_SOME: Final = Deed("node.delete-records", _D, _ONE, "deletes records")
_UPDATE: Final = Deed("node.update-records", _O, _ONE, "changes records")
_DROP: Final = Deed("node.drop", _D, Extent.EVERYTHING, "drops a table, a collection or a database")


def _fetch(call: Call) -> Deed | None:
    texts = [token.text for token in call.arguments]
    if "method" not in texts:
        return None
    method = next(
        (
            token.text.upper()
            for token in call.arguments[texts.index("method") + 1 :]
            if token.kind == "string"
        ),
        "GET",
    )
    if method in ("GET", "HEAD", "OPTIONS"):
        return None
    return _SEND_DELETE if method == "DELETE" else _SEND


def _rm(call: Call) -> Deed | None:
    return _TREE if "recursive" in [token.text for token in call.arguments] else _REMOVE


def _delete_many(call: Call) -> Deed | None:
    return _DELETE_ALL if call.is_empty() else _DELETE_SOME


def _kill(call: Call) -> Deed | None:
    arguments = list(call.split())
    return None if len(arguments) > 1 and "".join(token.text for token in arguments[1]) == "0" else _KILL


_FS: Final[dict[str, Rule]] = {
    **dict.fromkeys(("unlink", "unlinkSync"), _REMOVE),
    **dict.fromkeys(("rm", "rmSync", "rmdir", "rmdirSync"), _rm),
    **dict.fromkeys(("removeSync", "emptyDir", "emptyDirSync"), _TREE),
    **dict.fromkeys(("writeFile", "writeFileSync", "truncate", "truncateSync", "ftruncateSync",
        "createWriteStream", "copyFile", "copyFileSync",
                     "rename", "renameSync", "cp", "cpSync", "writeSync"), _WRITE),
    **dict.fromkeys(("appendFile", "appendFileSync"), _APPEND),
    **dict.fromkeys(("chmod", "chmodSync", "chown", "chownSync", "lchown", "utimesSync"), _MODE),
    **dict.fromkeys(("mkdir", "mkdirSync", "symlink", "symlinkSync", "linkSync", "mkdtempSync"), _MAKE),
}  # fmt: skip
_RULES: Final[dict[str, Rule]] = {
    **{f".{name}": rule for name, rule in _FS.items() if name not in ("rename", "cp", "rm", "truncate")},
    **{f"{owner}.{name}": rule for owner in ("fs", "promises", "require", "?") for name, rule in _FS.items()},
    **{name: rule for name, rule in _FS.items() if name not in ("rename", "cp", "truncate")},
    **dict.fromkeys(("rimraf", "rimraf.sync", "rimrafSync", "rimraf.rimraf", "del.sync", "shell.rm",
        "Deno.remove"), _TREE),
    **dict.fromkeys(("Deno.writeTextFile", "Deno.writeFile", "Bun.write"), _WRITE),
    "process.kill": _kill,
    "require.sync": _TREE,
    "fetch": _fetch,
    **dict.fromkeys(("axios.post", "axios.put", "axios.patch", "got.post", "got.put"), _SEND),
    **dict.fromkeys(("axios.delete", "got.delete"), _SEND_DELETE),
    **dict.fromkeys((".flushall", ".flushdb", ".flushAll", ".flushDb"), _FLUSH),
    ".deleteMany": _delete_many,
    **dict.fromkeys((".deleteOne", ".findByIdAndDelete", ".findOneAndDelete", ".del"), _DELETE_SOME),
    **dict.fromkeys((".updateMany", ".updateOne", ".findByIdAndUpdate", ".findOneAndUpdate", ".replaceOne",
        ".bulkWrite"), _UPDATE),
    **dict.fromkeys((".dropTable", ".dropDatabase", ".dropCollection", ".dropTableIfExists",
        ".dropAllTables"), _DROP),
}  # fmt: skip

READING_NAMES: Final = (
    "console log .log .error .warn .info .table .dir .debug JSON .stringify .parse Math Object Array"
    " String Number Boolean Date Map Set"
    " RegExp Symbol BigInt Promise Buffer URL URLSearchParams Intl .keys .values .entries .fromEntries"
    " .assign .from .isArray .of"
    " .map .filter .forEach .reduce .find .findIndex .some .every .join .split .slice .splice .concat"
    " .sort .reverse .includes .indexOf"
    " .flat .flatMap .push .pop .shift .unshift .length .toString .toFixed .toUpperCase .toLowerCase .trim"
    " .padStart .padEnd .replace"
    " .replaceAll .match .matchAll .test .startsWith .endsWith .charAt .charCodeAt .codePointAt .repeat"
    " .substring .substr"
    " .floor .ceil .round .random .max .min .abs .sqrt .pow .PI .now .toISOString .getTime .toLocaleString"
    " .getFullYear .then .catch"
    " .finally .has .get .set .size .add .all .race .resolve .reject .allSettled .toJSON .valueOf .at"
    " .fill .isInteger .parseInt"
    " .parseFloat .MAX_SAFE_INTEGER .byteLength .isNaN .localeCompare .toLocaleDateString .getUTCHours"
    " .name .value .id .data .body .message"
    " parseInt parseFloat isNaN isFinite encodeURIComponent decodeURIComponent encodeURI decodeURI"
    " setTimeout clearTimeout atob btoa"
    " structuredClone undefined NaN Infinity .message .stack .code .name"
)
_NODE: Final = ScriptLanguage(
    name="node",
    grammar=JAVASCRIPT,
    rules=_RULES,
    shells=words(
        "exec execSync .execSync child_process.exec cp.exec shell.exec execaCommand execaCommandSync $"),
    programs=words(
        ".spawn .spawnSync .execFile .execFileSync spawn spawnSync execFile execFileSync .fork fork execa"
        " execaSync Bun.spawn"
                   " Bun.spawnSync Deno.run"),
    opaque=words(
        "eval Function vm .runInThisContext .runInNewContext .runInContext constructor .constructor .compile"
                 " __proto__ .__proto__"),
    sql=words(".query .execute .raw .$executeRawUnsafe .$queryRawUnsafe .$executeRaw .$queryRaw"),
    reads=words(READING_NAMES)
    | words(
        "require process os path crypto util url dns fs zlib querystring v8 perf_hooks performance"
        " .version .versions .env .argv .platform .arch .pid .ppid .cwd .memoryUsage .uptime .hrtime .exit"
        " .stdin .stdout"
        " .stderr .write .on .release .config .features .node .v8 .openssl .resourceUsage .cpuUsage"
        " .execPath .title .nextTick .isTTY"
        " .readFileSync .readFile .existsSync .statSync .stat .readdirSync .readdir .lstatSync .accessSync"
        " .realpathSync .constants"
        " .cpus .totalmem .freemem .loadavg .hostname .networkInterfaces .release .type .tmpdir .homedir"
        " .userInfo .EOL .resolve .basename"
        " .dirname .extname .join .relative .isAbsolute .sep .lookup .createHash .update .digest"
        " .randomBytes .randomUUID .getHashes"
        " .getCiphers .timingSafeEqual .inspect .format .promisify .builtinModules .dependencies .scripts"
        " .devDependencies .main .json .text .status"
        " .headers .ok .arrayBuffer .statusCode .host .port .pathname .searchParams .hash .href .origin"
        " .protocol .reverse .resolve4"
        " __dirname __filename module exports .paths .exports Deno Bun .build .engines .license"
        " .description Error TypeError Uint8Array"
    ),
    members=True,
    keywords=words(
        "var let const function return if else for while do in of new delete typeof instanceof void this"
        " null true false try catch"
                   " finally throw break continue switch case default async await class extends super"
                   " import export from as yield static"),
)  # fmt: skip


def read(text: str, *, dialect: str = "") -> Found:  # noqa: ARG001 - every language has the same form
    """What a JavaScript text does, as far as it is written there.

    Args:
        text: any text; `UNKNOWN` where only the shell knows.
        dialect: not used.
    """
    return read_script(text, _NODE)
