"""Reads Ruby one-liners: files, processes, and what people type into Rails: ActiveRecord, caches, queues.

Facts: the Ruby 3.3 core reference, the ActiveRecord 7 querying guide, Sidekiq's API.
"""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import EffectKind, Extent
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.languages.calls import Call
from safeshell.shell.languages.code_tokens import Grammar
from safeshell.shell.languages.found import Deed, Found, unproven, words
from safeshell.shell.languages.script_reading import Rule, ScriptLanguage, read_script
from safeshell.shell.word import UNKNOWN

_D, _O, _W, _S, _E = (
    EffectKind.DELETE,
    EffectKind.OVERWRITE,
    EffectKind.WRITE,
    EffectKind.STOP,
    EffectKind.EXECUTE,
)
_ONE, _MANY, _ALL = Extent.ONE, Extent.MANY, Extent.EVERYTHING

_COUNT: Final = "`.count` on the same relation first"
_DELETE_ALL: Final = Deed(
    "ruby.delete-all", _D, _ALL, "deletes every row of {}", "say which rows with `where`"
)
_DELETE_SOME: Final = Deed("ruby.delete-where", _D, _MANY, "deletes the rows of {} that fit", _COUNT)
_DESTROY: Final = Deed(
    "ruby.destroy", _D, _ONE, "deletes a record and what depends on it", "look at the record first"
)
_UPDATE_ALL: Final = Deed(
    "ruby.update-all", _O, _ALL, "changes every row of {}", "say which rows with `where`"
)
_UPDATE_SOME: Final = Deed("ruby.update-where", _O, _MANY, "changes the rows of {} that fit", _COUNT)
_UPDATE: Final = Deed("ruby.update", _O, _ONE, "changes a record", "look at the record first")
_SAVE: Final = Deed("ruby.save", _W, _ONE, "saves a record")
_CREATE: Final = Deed("ruby.create", _W, _ONE, "makes a record")
_CLEAR_CACHE: Final = Deed("ruby.clear-cache", _D, _MANY,
    "empties the whole cache: everything is worked out again at once",
                           "delete the keys that are wrong")  # fmt: skip
_DELETE_CACHE: Final = Deed("ruby.delete-cache", _D, _ONE, "deletes entries of the cache")
_FLUSH: Final = Deed(
    "ruby.flush", _D, _ALL, "deletes every key of the Redis database", "delete the keys that are wrong"
)
_CLEAR_QUEUE: Final = Deed(
    "ruby.clear-queue", _D, _MANY, "deletes the jobs that wait in a queue", "look at its `size` first"
)
_DROP: Final = Deed(
    "ruby.drop-table",
    _D,
    _ALL,
    "drops {} with all that is in it",
    "in a migration, when nothing uses it any more",
)
_SCHEMA: Final = Deed(
    "ruby.schema",
    EffectKind.CONFIGURE,
    _MANY,
    "changes the schema; the table may be locked",
    "in a migration",
)
_REMOVE_FILE: Final = Deed("ruby.delete-file", _D, _ONE, "deletes the file {}")
_REMOVE_TREE: Final = Deed("ruby.delete-tree", _D, _MANY, "deletes {} and all in it", "list it first")
_WRITE_FILE: Final = Deed("ruby.write-file", _O, _ONE, "writes the file {}")
_MOVE_FILE: Final = Deed("ruby.move-file", _O, _ONE, "moves or overwrites files")
_MODE: Final = Deed("ruby.file-mode", EffectKind.CONFIGURE, _ONE, "changes who may use a file")
_MAKE: Final = Deed("ruby.make-file", _W, _ONE, "makes {}")
_PIPE: Final = Deed(
    "ruby.pipe", _E, _ONE, "starts a program whose output it reads", "run the program by itself"
)
_OPEN_ANY: Final = Deed("ruby.open-unknown", _W, _ONE, "opens what a variable names, which may be a command")
_LOAD: Final = Deed("ruby.load-file", _W, _ONE, "runs the Ruby file {}, which was not read here")
_KILL: Final = Deed("ruby.kill", _S, _ONE, "sends a signal to a process")
_FORK: Final = Deed("ruby.fork", _S, _MANY, "starts more processes; in a loop until the machine stops")
_SEND: Final = Deed("ruby.sends", _W, _ONE, "sends something to a server")
_SEND_DELETE: Final = Deed("ruby.sends-delete", _D, _ONE, "asks a server to delete something")
_ENQUEUE: Final = Deed("ruby.enqueue", _W, _ONE, "starts a job or sends mail")
_TASK: Final = Deed("ruby.task", _E, _ONE, "runs the task {}, which was not read here")

_OTHER_LIBRARIES: Final = lazy_pattern(r"\$:|\$LOAD_PATH\b|\$LOADED_FEATURES\b")
_NARROWING: Final = words(
    "where find find_by find_by! find_or_initialize_by not limit first last take joins having ids rewhere"
    " none merge in_batches"
    " find_each select left_joins or and"
)
_FILES: Final = words("File Dir Pathname FileUtils IO Tempfile")
_STORES: Final = words("Hash Set ENV session cookies params headers flash errors options attributes")


def _by_relation(everything: Deed, some: Deed) -> Rule:
    def rule(call: Call) -> Deed | None:
        narrowed = bool(_NARROWING & set(call.chain)) or any(name[:1].islower() for name in call.chain[-1:])
        return some if narrowed and "all" not in call.chain[-1:] else everything

    return rule


def _delete(call: Call) -> Deed | None:
    """`.delete`: of a record, of a file, of the cache; of a hash or a string it is nothing."""
    chain = call.chain
    if chain[-1:] == ("cache",) or chain[:1] == ("Cache",):
        return _DELETE_CACHE
    if chain[-1:] and chain[-1] in ("File", "Dir", "Pathname"):
        return _REMOVE_FILE
    if chain[-1:] and chain[-1] in _STORES:
        return None
    # `list.delete(x)` and `hash.delete(:x)` take an argument, a record's `delete` does not.
    return None if call.arguments and not (chain and chain[0][:1].isupper()) else _DESTROY


def _open(call: Call) -> Deed | None:
    arguments = list(call.split())
    mode = (
        next((token.text for token in arguments[1] if token.kind == "string"), "r")
        if len(arguments) > 1
        else "r"
    )
    return _WRITE_FILE if set(mode) & set("wa+") else None


def _open_or_run(call: Call) -> Deed | None:
    """`open`, `IO.read`: what begins with `|` is a command, and nobody knows what a variable begins with."""
    name = call.first_text()
    if name.startswith("|"):
        return _PIPE
    if not name or name.startswith(UNKNOWN):
        return _OPEN_ANY
    return _open(call)


def _require(call: Call) -> Deed | None:
    """A library by its name is one that is installed; a path is anybody's code."""
    name = call.first_text()
    by_name = bool(name) and UNKNOWN not in name and name[0] not in "./~"
    return None if by_name and call.name == "require" else _LOAD


def _update(call: Call) -> Deed | None:
    return (
        None
        if call.chain[-1:]
        and call.chain[-1] in (*_STORES, "Digest", "?")
        and not _NARROWING & set(call.chain)
        else _UPDATE
    )


def _clear(call: Call) -> Deed | None:
    if call.chain[-1:] == ("cache",):
        return _CLEAR_CACHE
    if any("Queue" in name or "Set" in name or name == "Sidekiq" for name in call.chain):
        return _CLEAR_QUEUE
    return None


_RULES: Final[dict[str, Rule]] = {
    ".delete_all": _by_relation(_DELETE_ALL, _DELETE_SOME),
    ".destroy_all": _by_relation(_DELETE_ALL, _DELETE_SOME),
    ".delete_by": _DELETE_SOME,
    ".destroy_by": _DELETE_SOME,
    ".update_all": _by_relation(_UPDATE_ALL, _UPDATE_SOME),
    ".update_counters": _UPDATE,
    **dict.fromkeys((".destroy", ".destroy!", ".really_destroy!", ".discard", ".purge", ".purge_later",
        ".delete_record"), _DESTROY),
    ".delete": _delete,
    ".unlink": _delete,
    **dict.fromkeys((".update", ".update!"), _update),
    **dict.fromkeys(
        (".update_attribute", ".update_attributes", ".update_column", ".update_columns", ".toggle!",
            ".increment!", ".decrement!",
         ".upsert", ".upsert_all", ".lock!"), _UPDATE,
    ),
    **dict.fromkeys((".save", ".save!", ".touch", ".touch_all"), _SAVE),
    **dict.fromkeys((".create", ".create!", ".insert", ".insert_all", ".find_or_create_by",
        ".find_or_create_by!", ".import"), _CREATE),
    ".clear": _clear,
    "Rails.cache.clear": _CLEAR_CACHE,
    **dict.fromkeys((".delete_matched", ".delete_multi"), _DELETE_CACHE),
    **dict.fromkeys((".flushall", ".flushdb", ".flush_all"), _FLUSH),
    **dict.fromkeys(words(".clear_all .drain .kill_all .retry_all .discard_all .delete_job .remove_queue"),
        _CLEAR_QUEUE),
    **dict.fromkeys((".drop_table", ".drop_database", ".truncate", ".truncate_tables", ".drop_schema",
        ".reset_pk_sequence!"), _DROP),
    **dict.fromkeys((".add_column", ".remove_column", ".rename_column", ".change_column", ".add_index",
        ".remove_index", ".create_table",
                     ".rename_table", ".change_column_null", ".add_foreign_key", ".migrate", ".rollback"),
                         _SCHEMA),
    **dict.fromkeys(("File.delete", "File.unlink", "Dir.delete", "Dir.rmdir", "Dir.unlink", "FileUtils.rm",
        "FileUtils.rm_f",
                     "FileUtils.rmdir", "FileUtils.remove", "FileUtils.safe_unlink", "FileUtils.remove_file"),
                         _REMOVE_FILE),
    **dict.fromkeys(("FileUtils.rm_r", "FileUtils.rm_rf", "FileUtils.rmtree", "FileUtils.remove_dir",
        "FileUtils.remove_entry",
                     "FileUtils.remove_entry_secure", "FileUtils.remove_dir", ".rmtree", "rm_rf", "rm_r"),
                         _REMOVE_TREE),
    **dict.fromkeys(("File.write", "IO.write", "File.binwrite", "File.truncate", "IO.copy_stream",
        "FileUtils.cp", "FileUtils.cp_r",
                     "FileUtils.copy", "FileUtils.install", "FileUtils.ln_sf"), _WRITE_FILE),
    **dict.fromkeys(("File.rename", "FileUtils.mv", "FileUtils.move"), _MOVE_FILE),
    **dict.fromkeys(("File.chmod", "File.chown", "FileUtils.chmod", "FileUtils.chmod_R", "FileUtils.chown",
        "FileUtils.chown_R"), _MODE),
    **dict.fromkeys(("FileUtils.mkdir", "FileUtils.mkdir_p", "Dir.mkdir", "FileUtils.touch", "FileUtils.ln_s",
        "File.symlink"), _MAKE),
    **dict.fromkeys(("File.open", "IO.open", "File.new"), _open),
    **dict.fromkeys(("open", "Kernel.open", "URI.open", "IO.read", "IO.readlines", "IO.foreach", "IO.binread"),
        _open_or_run),
    **dict.fromkeys(("require", "require_relative"), _require),
    "Process.kill": _KILL,
    "fork": _FORK,
    "Process.fork": _FORK,
    **dict.fromkeys(("HTTP.post", "HTTP.post_form", "HTTP.put", "HTTP.patch", "HTTParty.post", "HTTParty.put",
        "Faraday.post"), _SEND),
    **dict.fromkeys(("HTTP.delete", "HTTParty.delete", "Faraday.delete", "RestClient.delete"), _SEND_DELETE),
    **dict.fromkeys((".perform_async", ".perform_later", ".perform_now", ".deliver_now", ".deliver_later",
        ".perform_in", ".perform"), _ENQUEUE),
    **dict.fromkeys(("Task.invoke", "Task.execute", "Command.invoke"), _TASK),
    **dict.fromkeys((".del",), _DELETE_CACHE),
}  # fmt: skip

_RUBY: Final = ScriptLanguage(
    name="ruby",
    grammar=Grammar(
        comments=r"\#[^\n]*", names=r"[@$]{0,2}[A-Za-z_]\w*(?:[?!](?!=))?|\$[0-9~!&_;,/.<>:]",
            command="`", opening="#{",
        regexes=True, percent=True,
    ),
    rules=_RULES,
    shells=words(
        "system exec spawn Kernel.system Kernel.exec Kernel.spawn Process.spawn IO.popen Open3.capture2"
        " Open3.capture2e"
                 " Open3.capture3 Open3.popen3 Open3.popen2 Open3.popen2e Open3.pipeline sh"),
    programs=words(
        "system exec spawn Kernel.system IO.popen Open3.capture3 Open3.capture2 Open3.capture2e"
        " Process.spawn"),
    opaque=words(
        "eval instance_eval class_eval module_eval .instance_eval .class_eval .module_eval .send"
        " .public_send .__send__"
                 " Kernel.eval binding load .constantize .const_get define_method .define_method"
                 " Marshal.load .instance_exec"),
    sql=words(
        ".execute .exec_query .exec_update .exec_delete .exec_insert .select_all .select_value"
        " .select_values .select_rows"
              " .find_by_sql .exec .query .select_one .async_exec"),
    reads=words(
        "puts p pp print printf warn exit abort sleep raise loop lambda proc"
        " format sprintf Integer Float String"
        " Array Rational gets rand srand freeze at_exit caller __method__ ARGV ENV ARGF STDIN STDOUT STDERR"
        " .count .size .length .sum .average .minimum .maximum .min .max .first .last .take .find .find_by"
        " .find_by! .where .not .order"
        " .limit .offset .pluck .pick .ids .select .reject .map .flat_map .collect .each .each_with_index"
        " .each_slice .each_with_object"
        " .find_each .find_in_batches .in_batches .group .group_by .having .joins .includes .left_joins"
        " .preload .eager_load .distinct"
        " .uniq .exists? .any? .all? .none? .empty? .present? .blank? .nil? .include? .key? .has_key?"
        " .keys .values .to_a .to_h .to_s .to_i"
        " .to_f .to_sym .to_json .to_sql .as_json .inspect .attributes .all .unscoped .find_by_id"
        " .table_name .column_names .columns"
        " .connection .tables .indexes .primary_key .current_database .pool .stat .adapter_name"
        " .database_version .server_version .version"
        " .explain .reverse .sort .sort_by .min_by .max_by .tally .zip .join .split .strip .chomp .chop"
        " .gsub .sub .tr .upcase .downcase"
        " .capitalize .start_with? .end_with? .match .match? .scan .index .slice .dig .fetch .values_at"
        " .compact .flatten .partition .inject"
        " .reduce .with_index .each_line .lines .chars .bytes .unpack .pack .hex .ord .chr .round .floor"
        " .ceil .abs .times .upto .downto"
        " .step .succ .pred .now .current .today .yesterday .ago .from_now .days .hours .minutes .seconds"
        " .weeks .months .years .day .hour"
        " .minute .beginning_of_day .end_of_day .strftime .iso8601 .utc .to_date .to_time .parse .zone"
        " .env .root .application .config"
        " .at .production? .development? .test? .staging? .name .class .id .email .status .state .created_at"
        " .updated_at .errors"
        " .full_messages .valid? .new_record? .persisted? .changed? .changes .logger .info .debug .cache"
        " .read .exist? .redis .queue"
        " .latency .stats .processed .failed .enqueued .default_queue_latency .new .sqrt .log .open?"
        " .methods .instance_methods"
        " .instance_variables .ancestors .superclass .respond_to? .is_a? .kind_of? .instance_of?"
        " .object_id .hash .dup .clone .tap .then"
        " .yield_self .itself .call .presence .try .in? .between? .positive? .negative? .zero? .even?"
        " .odd? .hostname .getlogin"
        " .hexdigest .base64digest .digest .encode64 .decode64 .strict_encode64 .strict_decode64 .uuid"
        " .alphanumeric .urlsafe_base64"
        " .generate .pretty_generate .dump .load_file .safe_load .readlines .readable? .file? .directory?"
        " .basename .dirname"
        " .extname .expand_path .mtime .glob .entries .children .pwd .home .each_entry .get .get_response"
        " .body .code .message"
        " .uri .host .port .path .dbsize .ttl .type .llen .scard .zcard .hgetall .lrange .smembers .ping"
        " .migration_context .needs_migration? .current_version .configurations .connection_config"
        " .connection_db_config .database"
        " File.read File.exist? File.size File.stat Dir.entries Dir.glob Dir.pwd Dir.children Etc.getlogin"
        " RUBY_VERSION RUBY_PLATFORM RUBY_ENGINE RUBY_PATCHLEVEL $0 $1 $_ $stdin $stdout $stderr"
        " $PROGRAM_NAME $; $, $/ $. $!"
        " .each_key .each_value .each_pair .transform_values .transform_keys .merge .push .append .concat"
        " .tally_by .percent .puts"
        " .print .flush .sync .reorder .references .readonly .from .with .strict_loading .extending .none"
        " .or .and"
        " .second .third .sample .shuffle .rotate .each_cons .chunk_while .slice_when .filter .filter_map"
        " .detect .find_index"
        " .ljust .rjust .center .squeeze .force_encoding .encode .encoding .unicode_normalize"
        " .valid_encoding? .b .bytesize"
    ),
    keywords=words(
        "if unless else elsif end do while until for in case when then begin rescue ensure return next"
        " break redo retry yield self nil true"
        " false and or not def class module super defined? alias undef __FILE__ __LINE__ BEGIN END"
    ),
    bare_arguments=True,
    sigils="@$",
)  # fmt: skip


def read(text: str, *, dialect: str = "") -> Found:  # noqa: ARG001 - every language has the same form
    """What a Ruby text does, as far as it is written there.

    Args:
        text: any text; `UNKNOWN` where only the shell knows.
        dialect: not used.
    """
    found = read_script(text, _RUBY)
    if _OTHER_LIBRARIES.search(text) and all(command.reads for command in found.commands):
        return found + Found((unproven("ruby", (0, len(text))),))
    return found
