"""Reads PHP one-liners, Laravel's tinker among them: what they run, delete, write and ask of a database.

Facts: the PHP 8.3 manual, Laravel 11's query builder, Eloquent, cache and queue.
"""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import EffectKind, Extent
from safeshell.shell.languages.calls import Call
from safeshell.shell.languages.code_tokens import Grammar
from safeshell.shell.languages.found import Deed, Found, words
from safeshell.shell.languages.script_reading import Rule, ScriptLanguage, read_script

_D, _O, _W, _E = EffectKind.DELETE, EffectKind.OVERWRITE, EffectKind.WRITE, EffectKind.EXECUTE
_ONE, _MANY, _ALL = Extent.ONE, Extent.MANY, Extent.EVERYTHING

_COUNT: Final = "`->count()` on the same query first"
_DELETE_ALL: Final = Deed(
    "php.delete-all", _D, _ALL, "deletes every row of {}", "say which rows with `where`"
)
_DELETE_SOME: Final = Deed("php.delete-where", _D, _ONE, "deletes the rows that fit, or a record", _COUNT)
_TRUNCATE: Final = Deed("php.truncate", _D, _ALL, "empties the table {}", "delete the rows that are wrong")
_UPDATE_ALL: Final = Deed(
    "php.update-all", _O, _ALL, "changes every row of {}", "say which rows with `where`"
)
_UPDATE_SOME: Final = Deed("php.update-where", _O, _ONE, "changes the rows that fit, or a record", _COUNT)
_SAVE: Final = Deed("php.save", _W, _ONE, "saves or makes a record")
_CLEAR_CACHE: Final = Deed(
    "php.clear-cache", _D, _MANY, "empties the whole cache", "forget the keys that are wrong"
)
_FORGET: Final = Deed("php.delete-cache", _D, _ONE, "deletes {} from the cache")
_FLUSH: Final = Deed(
    "php.flush", _D, _ALL, "deletes every key of the Redis database", "delete the keys that are wrong"
)
_DROP: Final = Deed("php.drop-table", _D, _ALL, "drops {} with all its rows", "in a migration")
_UNLINK: Final = Deed("php.unlink", _D, _ONE, "deletes the file {}")
_TREE: Final = Deed("php.delete-tree", _D, _MANY, "deletes {} and all in it", "list it first")
_WRITE: Final = Deed("php.write-file", _O, _ONE, "writes the file {}")
_MODE: Final = Deed("php.file-mode", EffectKind.CONFIGURE, _ONE, "changes who may use a file")
_MAKE: Final = Deed("php.make-file", _W, _ONE, "makes {}")
_CALLS: Final = Deed("php.callback", _E, _MANY, "runs programs or code by a function's name in a string")
_KILL: Final = Deed("php.kill", EffectKind.STOP, _ONE, "sends a signal to a process")
_ARTISAN: Final = Deed(
    "php.artisan", _E, _ONE, "runs the artisan command {}", "run it by itself: `php artisan …`"
)
_RESET_CACHE: Final = Deed(
    "php.opcache-reset",
    EffectKind.STOP,
    _ONE,
    "drops the opcode cache: every script is compiled again at once",
)
_SEND: Final = Deed("php.sends", _W, _ONE, "sends something to a server or a queue")
_CLEAR_QUEUE: Final = Deed(
    "php.clear-queue", _D, _MANY, "deletes the jobs that wait in a queue", "look at its size first"
)

_NARROWING: Final = words(
    "where find first whereIn orWhere whereNull whereNotNull whereDate whereKey findOrFail firstOrFail"
    " whereRaw limit take whereBetween"
                          " whereHas firstWhere whereColumn whereNotIn whereExists latest"
                          " oldest")  # fmt: skip


def _by_query(everything: Deed, some: Deed) -> Rule:
    def rule(call: Call) -> Deed | None:
        if _NARROWING & set(call.chain) or (call.chain and call.chain[0].startswith("$")):
            return some
        return (
            everything
            if {"DB", "table", "query", "all", "newQuery"} & set(call.chain) or call.chain[-1][:1].isupper()
            else some
        )

    return rule


def _fopen(call: Call) -> Deed | None:
    arguments = list(call.split())
    mode = "".join(token.text for token in arguments[1]) if len(arguments) > 1 else "r"
    return _WRITE if set(mode) & set("waxc+") else None


def _callback(call: Call) -> Deed | None:
    """`array_map('unlink', $names)`: a function by its name in a string."""
    names = {text.lower() for text in call.strings()[:2]}
    if names & {"system", "exec", "shell_exec", "passthru", "popen", "eval", "assert"}:
        return _CALLS
    return _UNLINK if names & {"unlink", "rmdir"} else None


_RULES: Final[dict[str, Rule]] = {
    **dict.fromkeys(words("array_map array_walk array_filter call_user_func call_user_func_array usort"), _callback),
    **dict.fromkeys((".delete", ".forceDelete", ".forceDeleteQuietly"), _by_query(_DELETE_ALL, _DELETE_SOME)),
    **dict.fromkeys((".destroy", ".deleteMany", ".detach", ".remove", ".deleteQuietly"), _DELETE_SOME),
    **dict.fromkeys((".update", ".updateQuietly"), _by_query(_UPDATE_ALL, _UPDATE_SOME)),
    **dict.fromkeys((".increment", ".decrement", ".upsert", ".updateOrCreate", ".updateOrInsert", ".sync"),
        _UPDATE_SOME),
    **dict.fromkeys((".save", ".create", ".insert", ".insertGetId", ".firstOrCreate", ".insertOrIgnore",
        ".saveOrFail", ".attach", ".touch"), _SAVE),
    ".truncate": _TRUNCATE,
    **dict.fromkeys(("Cache.flush", "Cache.clear", ".flushQuietly", "wp_cache_flush", "apcu_clear_cache",
        "apc_clear_cache", "cache.flush", "cache.clear"), _CLEAR_CACHE),
    **dict.fromkeys(("Cache.forget", "Cache.delete", "Cache.pull", "cache.forget"), _FORGET),
    **dict.fromkeys((".flushall", ".flushdb", ".flushAll", ".flushDB", ".flushDb", ".flush"), _FLUSH),
    **dict.fromkeys((".del", ".unlink"), _FORGET),
    **dict.fromkeys(("Schema.drop", "Schema.dropIfExists", "Schema.dropAllTables", ".dropDatabase",
        ".dropIfExists", ".dropColumn"), _DROP),
    **dict.fromkeys(("unlink", "rmdir", "File.delete", "Storage.delete"), _UNLINK),
    **dict.fromkeys(("File.deleteDirectory", "Storage.deleteDirectory", ".deleteDirectory",
        "File.cleanDirectory"), _TREE),
    **dict.fromkeys(("file_put_contents", "rename", "copy", "move_uploaded_file", "ftruncate", "File.put",
        "Storage.put", "symlink", "link"), _WRITE),
    "fopen": _fopen,
    **dict.fromkeys(("chmod", "chown", "chgrp"), _MODE),
    **dict.fromkeys(("mkdir", "touch"), _MAKE),
    **dict.fromkeys(("posix_kill", "proc_terminate"), _KILL),
    **dict.fromkeys(("Artisan.call", "Artisan.queue"), _ARTISAN),
    "opcache_reset": _RESET_CACHE,
    **dict.fromkeys(("Http.post", "Http.put", "Http.patch", "Mail.send", "mail", "dispatch", ".dispatch",
        "Queue.push", "event", ".notify", ".send"), _SEND),
    **dict.fromkeys(("Http.delete",), _DELETE_SOME),
    **dict.fromkeys(("Queue.clear",), _CLEAR_QUEUE),
}  # fmt: skip

_PHP: Final = ScriptLanguage(
    name="php",
    grammar=Grammar(
        comments=r"//[^\n]*|\#[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)|<\?php|<\?=|\?>",
        names=r"\$+\w+|\\?[A-Za-z_][\w\\]*",
            command="`",
        opening="{$", variables=r"\$\w+",
    ),
    rules=_RULES,
    shells=words(
        "system exec shell_exec passthru popen proc_open pcntl_exec Process.run"
        " Process.fromShellCommandline"),
    programs=words("proc_open pcntl_exec"),
    opaque=words(
        "eval assert create_function include include_once require"
        " require_once unserialize"
                 " preg_replace_callback_array ReflectionFunction"),
    sql=words(
        "mysqli_query mysql_query pg_query sqlite_exec DB.statement DB.select DB.unprepared DB.delete"
        " DB.update DB.insert DB.selectOne"
              " .query .exec .prepare .executeQuery .executeStatement .get_results .get_var .get_row"
              " .multi_query DB.scalar"),
    reads=words(
        "echo print printf print_r var_dump var_export sprintf vprintf number_format phpversion"
        " php_sapi_name php_uname phpinfo phpcredits"
        " zend_version extension_loaded get_loaded_extensions get_extension_funcs ini_get ini_get_all"
        " php_ini_loaded_file"
        " php_ini_scanned_files memory_get_usage memory_get_peak_usage getenv gethostname gethostbyname"
        " sys_getloadavg getmypid getmyuid"
        " get_current_user opcache_get_status opcache_get_configuration function_exists class_exists"
        " method_exists defined constant"
        " json_encode json_decode serialize base64_encode base64_decode md5 sha1 hash hash_algos crc32"
        " bin2hex hex2bin random_bytes"
        " random_int rand mt_rand uniqid date time microtime hrtime strtotime mktime checkdate"
        " date_default_timezone_get"
        " strlen strtolower strtoupper ucfirst ucwords trim ltrim rtrim explode implode join str_replace"
        " str_repeat str_pad substr strpos"
        " strrev strcmp str_contains str_starts_with str_ends_with preg_match preg_match_all preg_split"
        " preg_quote wordwrap nl2br"
        " htmlspecialchars htmlentities urlencode urldecode rawurlencode http_build_query parse_url"
        " parse_str array_map array_filter"
        " array_keys array_values array_merge array_sum array_slice array_unique array_flip array_reverse"
        " array_column array_combine"
        " array_diff array_intersect array_key_exists array_search in_array count sizeof range sort rsort"
        " ksort asort usort min max abs"
        " ceil floor round sqrt pow pi intdiv is_file is_dir file_exists is_readable is_writable filesize"
        " filemtime fileperms stat file"
        " file_get_contents readfile fgets fread fclose feof scandir glob realpath basename dirname"
        " pathinfo getcwd disk_free_space"
        " disk_total_space is_numeric is_string is_array is_null isset empty gettype intval floatval"
        " strval boolval exit die sleep usleep"
        " password_verify password_hash openssl_x509_parse curl_version gd_info PDO getAvailableDrivers"
        " config env app now today collect dump dd optional data_get base_path storage_path public_path"
        " class_basename"
        " .count .get .first .find .all .pluck .toArray .toJson .where .whereIn .orderBy .limit .take"
        " .select .with .exists .sum .max .min"
        " .avg .value .latest .oldest .groupBy .having .join .leftJoin .toSql .dd .dump .keys .values .map"
        " .filter .each .isEmpty"
        " .getMessage .format .diffForHumans .getDriverName .getDatabaseName .table .connection"
        " .getAttribute .fetch .fetchAll .fetchColumn"
        " .fetch_assoc .fetch_all .rowCount .getAttributes .environment .version .paginate .findOrFail"
        " .firstOrFail .whereNull .whereDate"
        " .ping .info .ttl .size .getName .getAvailableDrivers DB.table DB.connection Cache.get Cache.has"
        " Redis.ping Redis.get Redis.keys Redis.info Redis.ttl"
        " Config.get App.environment App.version Schema.hasTable Schema.getColumnListing Queue.size"
        " Route.getRoutes Artisan.output"
    ),
    members=True,
    keywords=words(
        "if else elseif for foreach while do switch case break continue return function fn new use"
        " namespace as instanceof true false null"
                   " and or xor not array list const static public private class try catch finally throw"
                   " global clone match TRUE FALSE NULL"),
    bare_arguments=True,
    sigils="$",
)  # fmt: skip


def read(text: str, *, dialect: str = "") -> Found:  # noqa: ARG001 - every language has the same form
    """What a PHP text does, as far as it is written there.

    Args:
        text: any text; `UNKNOWN` where only the shell knows.
        dialect: not used.
    """
    return read_script(text, _PHP)
