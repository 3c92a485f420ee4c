"""What Python's functions and methods do to the world, by their dotted names. Data only.

Facts: the Python 3.12 library reference, the documentation of requests, redis-py, Django 5, SQLAlchemy 2,
    boto3.
"""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import EffectKind, Extent
from safeshell.shell.languages.found import Deed, words

_D, _O, _W, _C, _S = (
    EffectKind.DELETE,
    EffectKind.OVERWRITE,
    EffectKind.WRITE,
    EffectKind.CONFIGURE,
    EffectKind.STOP,
)
_ONE, _MANY, _ALL = Extent.ONE, Extent.MANY, Extent.EVERYTHING

REMOVE: Final = Deed("python.remove", _D, _ONE, "deletes {}")
TREE: Final = Deed("python.delete-tree", _D, _MANY, "deletes {} and all in it", "list it first")
MOVE: Final = Deed("python.move", _O, _ONE, "moves {}, over what is there")
WRITE: Final = Deed("python.write-file", _O, _ONE, "writes the file {}")
APPEND: Final = Deed("python.append-file", _W, _ONE, "appends to the file {}")
MODE: Final = Deed("python.file-mode", _C, _ONE, "changes who may use {}")
MAKE: Final = Deed("python.make-file", _W, _ONE, "makes {}")
FORK: Final = Deed("python.fork", _S, _ONE, "starts more processes; in a loop until the machine stops")
HANDS_OVER: Final = Deed(
    "python.hands-over",
    EffectKind.EXECUTE,
    _MANY,
    "hands its input and output to something else, as remote shells do",
)
KILL: Final = Deed("python.kill", _S, _ONE, "sends a signal to a process")
MACHINE: Final = Deed("python.reboot", _S, _ALL, "reboots or stops the machine")
SEND: Final = Deed("python.sends", _W, _ONE, "sends something to {}")
SEND_DELETE: Final = Deed("python.sends-delete", _D, _ONE, "asks {} to delete something")
FLUSH: Final = Deed(
    "python.flush", _D, _ALL, "deletes every key of the Redis database", "delete the keys that are wrong"
)
CLEAR_CACHE: Final = Deed(
    "python.clear-cache", _D, _MANY, "empties the whole cache", "delete the keys that are wrong"
)
PURGE: Final = Deed(
    "python.purge-queue",
    _D,
    _MANY,
    "deletes the jobs or messages that wait",
    "look at how many there are first",
)
QUERY_ALL: Final = Deed(
    "python.delete-all", _D, _ALL, "deletes every row of {}", "say which rows with `filter`"
)
QUERY_SOME: Final = Deed(
    "python.delete-where", _D, _MANY, "deletes the rows of {} that fit", "`.count()` on the same query first"
)
RECORD: Final = Deed("python.delete-record", _D, _ONE, "deletes a record, a key or a thing")
UPDATE_ALL: Final = Deed(
    "python.update-all", _O, _ALL, "changes every row of {}", "say which rows with `filter`"
)
UPDATE_SOME: Final = Deed(
    "python.update-where", _O, _MANY, "changes the rows of {} that fit", "`.count()` on the same query first"
)
SAVE: Final = Deed("python.save", _W, _ONE, "saves or makes a record")
DROP: Final = Deed("python.drop", _D, _ALL, "drops tables, collections or a database")
CLOUD: Final = Deed(
    "python.cloud-delete",
    _D,
    _MANY,
    "deletes or ends {} in the cloud",
    "the cloud's own command line shows what it is",
)
TASK: Final = Deed("python.task", _W, _ONE, "starts a task or sends mail")
MANAGE: Final = Deed(
    "python.manage",
    EffectKind.EXECUTE,
    _ONE,
    "runs the management command {}",
    "run it by itself: `manage.py …`",
)

FUNCTIONS: Final[dict[str, Deed]] = {
    **dict.fromkeys(words("os.remove os.unlink os.rmdir pathlib.os.remove"), REMOVE),
    **dict.fromkeys(words("shutil.rmtree os.removedirs send2trash.send2trash distutils.dir_util.remove_tree"),
        TREE),
    **dict.fromkeys(words("os.rename os.replace os.renames shutil.move"), MOVE),
    **dict.fromkeys(words(
        "os.truncate os.ftruncate shutil.copy shutil.copy2 shutil.copyfile shutil.copytree shutil.copymode"
                          " shutil.unpack_archive shutil.make_archive os.symlink os.link"
                          " urllib.request.urlretrieve"), WRITE),
    **dict.fromkeys(words(
        "os.chmod os.chown os.lchown os.lchmod os.utime shutil.chown os.fchmod os.fchown os.setxattr"), MODE),
    **dict.fromkeys(words("os.mkdir os.makedirs os.mkfifo os.mknod tempfile.mkdtemp tempfile.mkstemp"), MAKE),
    **dict.fromkeys(words("os.kill os.killpg signal.pthread_kill signal.pidfd_send_signal"), KILL),
    **dict.fromkeys(words(
        "requests.post requests.put requests.patch httpx.post httpx.put httpx.patch requests.request"
        " httpx.request"
                          " smtplib.SMTP smtplib.SMTP_SSL"), SEND),
    **dict.fromkeys(words("requests.delete httpx.delete"), SEND_DELETE),
    "os.fork": FORK,
    "os.dup2": HANDS_OVER,
    **dict.fromkeys(words("django.core.cache.cache.clear"), CLEAR_CACHE),
    **dict.fromkeys(words("django.core.management.call_command"), MANAGE),
}  # fmt: skip
"""Functions by their full names."""

METHODS: Final[dict[str, Deed]] = {
    **dict.fromkeys(words("rmdir"), REMOVE),
    **dict.fromkeys(words("rmtree"), TREE),
    **dict.fromkeys(words("write_text write_bytes"), WRITE),
    **dict.fromkeys(words("flushall flushdb"), FLUSH),
    **dict.fromkeys(words("kill terminate send_signal"), KILL),
    **dict.fromkeys(words("drop_all drop_table drop_database drop_collection dropDatabase"), DROP),
    **dict.fromkeys(words("purge discard_all purge_queue queue_purge"), PURGE),
    **dict.fromkeys(words("delay apply_async send_mail send_task"), TASK),
    **dict.fromkeys(words(
        "bulk_create get_or_create insert_one insert_many bulk_update_or_create sendmail"
        " send_message"), SAVE),
    **dict.fromkeys(words("delete_one find_one_and_delete delete_pattern delete_many_keys"), RECORD),
    **dict.fromkeys(words(
        "update_or_create bulk_update update_one find_one_and_update replace_one bulk_write"), UPDATE_SOME),
    **dict.fromkeys(words("shutdown reboot"), MACHINE),
    **dict.fromkeys(words("hdel lpop rpop zrem srem ltrim delete_multi expire"), RECORD),
}  # fmt: skip
"""Methods that act whatever they are called on."""

CLOUD_PREFIXES: Final = (
    "delete_",
    "terminate_",
    "deregister_",
    "purge_",
    "destroy_",
    "schedule_key_deletion",
)
CLOUD_STOPS: Final = ("stop_instances", "reboot_instances", "stop_db_instance", "reboot_db_instance")

SHELLS: Final = words(
    "os.system os.popen subprocess.getoutput subprocess.getstatusoutput commands.getoutput platform.popen"
                      " asyncio.create_subprocess_shell invoke.run fabric.run")  # fmt: skip
"""Functions whose first argument is a line for a shell."""

PROGRAMS: Final = words(
    "subprocess.run subprocess.call subprocess.check_call subprocess.check_output subprocess.Popen"
                        " pty.spawn asyncio.create_subprocess_exec")  # fmt: skip
"""Functions whose first argument is a program with its words, or a line with shell=True."""

EXECS: Final = words(
    "os.execl os.execle os.execlp os.execlpe os.execv os.execve os.execvp os.execvpe os.spawnl os.spawnlp"
    " os.spawnv os.spawnvp"
                     " os.posix_spawn os.spawnle os.spawnve")  # fmt: skip
"""Functions whose arguments are a program and its words."""

SQL_METHODS: Final = words(
    "execute executemany executescript exec_driver_sql read_sql read_sql_query raw fetch fetchrow fetchval"
    " text"
)
"""Methods whose first argument, when it is a text, is SQL."""

OPENS: Final = words(
    "open io.open codecs.open gzip.open bz2.open lzma.open tarfile.open zipfile.ZipFile tarfile.TarFile"
    " gzip.GzipFile bz2.BZ2File lzma.LZMAFile"
)
"""Functions that open a file in the mode of their second argument."""

LOADERS: Final = words(
    "yaml.unsafe_load yaml.unsafe_load_all yaml.full_load joblib.load dill.load dill.loads cloudpickle.load"
    " cloudpickle.loads torch.load jsonpickle.decode jsonpickle.loads pandas.read_pickle numpy.load shelve.open"
)
"""Functions that run what the data say."""

ACTING_MODULES: Final = words("antigravity ctypes idlelib turtledemo test")
"""Modules of the standard library that act when they are imported, or reach what no table knows."""

LIBRARIES: Final = words(
    "django flask fastapi starlette pydantic pydantic_core pydantic_settings requests httpx aiohttp"
    " urllib3 certifi idna charset_normalizer chardet numpy pandas scipy sklearn matplotlib seaborn plotly"
    " polars pyarrow torch torchvision tensorflow keras jax transformers cv2 PIL skimage statsmodels sympy"
    " networkx numba cupy yaml toml tomlkit ruamel orjson ujson simplejson msgpack redis psycopg2 psycopg"
    " asyncpg pymysql MySQLdb mysql sqlalchemy alembic pymongo bson motor cassandra elasticsearch"
    " opensearchpy boto3 botocore google azure kubernetes docker paramiko fabric celery kombu pika"
    " confluent_kafka kafka jwt cryptography OpenSSL Crypto nacl bcrypt passlib lxml bs4 html5lib jinja2"
    " markupsafe mako click typer rich tqdm tabulate colorama prompt_toolkit dateutil pytz tzlocal"
    " pendulum arrow dotenv attr attrs packaging pkg_resources setuptools pip wheel virtualenv poetry"
    " pytest hypothesis coverage mypy black ruff psutil distro gi dbus apt apt_pkg rpm dnf selinux"
    " netifaces netaddr dns ldap3 ldap requests_oauthlib oauthlib prometheus_client sentry_sdk structlog"
    " loguru gevent greenlet uvicorn gunicorn tornado twisted zope grpc protobuf zmq openpyxl xlrd"
    " xlsxwriter docx regex msgspec platformdirs six typing_extensions importlib_metadata cffi sqlparse"
    " pygments markdown ansible salt airflow dagster prefect dbt openai anthropic langchain tiktoken h5py"
    " netCDF4 rasterio geopandas shapely pyproj ipaddr cpuinfo GPUtil pynvml safeshell"
)
"""Installed libraries that are known by name; importing any other may run a file that lies about."""

OPAQUE: Final = words(
    "__import__ globals locals vars"
    " importlib.import_module runpy.run_path"
    " runpy.run_module ctypes.CDLL ctypes.cdll.LoadLibrary pickle.loads pickle.load marshal.loads"
    " code.interact imp.load_source setattr"
    " code.InteractiveConsole types.FunctionType types.CodeType breakpoint"
)
"""What runs code that is not written there."""

PURE_MODULES: Final = words(
    "abc argparse array ast base64 binascii bisect builtins calendar cmath codecs collections colorsys"
    " configparser contextlib copy csv"
    " dataclasses datetime decimal difflib dis email encodings enum errno fnmatch fractions functools"
    " getopt getpass gettext glob"
    " hashlib heapq hmac html inspect io ipaddress itertools json keyword linecache locale math mimetypes"
    " numbers"
    " operator platform pprint pwd grp queue quopri random re reprlib secrets site stat statistics string"
    " stringprep struct sys sysconfig"
    " textwrap time timeit token tokenize tomllib traceback types typing unicodedata urllib.parse uuid"
    " warnings weakref xml xml.etree"
    " xml.etree.ElementTree zlib zoneinfo importlib.metadata importlib.util psutil packaging"
    " packaging.version pkg_resources"
)
"""Modules whose functions change nothing but this process."""

PURE_FUNCTIONS: Final = words(
    "os.getcwd os.listdir os.scandir os.walk os.stat os.lstat os.getenv os.getpid os.getppid os.getuid"
    " os.geteuid os.getgid os.getlogin"
    " os.uname os.cpu_count os.getloadavg os.urandom os.access os.readlink os.fspath os.fsencode"
    " os.fsdecode os.environ.get os.environ.keys"
    " os.environ.items os.environ.values os.environ.copy os.get_terminal_size os.sysconf os.statvfs"
    " os.strerror os.sched_getaffinity"
    " os.getgroups os.times os.isatty os.cpu_count os._exit os.environ.setdefault"
    " os.path.join os.path.exists os.path.isfile os.path.isdir os.path.basename os.path.dirname"
    " os.path.abspath os.path.realpath"
    " os.path.getsize os.path.getmtime os.path.splitext os.path.expanduser os.path.relpath"
    " os.path.normpath os.path.split os.path.islink"
    " os.path.expandvars os.path.ismount os.path.commonpath os.path.getctime os.path.isabs"
    " os.path.getatime os.path.samefile"
    " shutil.which shutil.disk_usage shutil.get_terminal_size pathlib.Path pathlib.PurePath"
    " pathlib.Path.cwd pathlib.Path.home tempfile.gettempdir"
    " socket.gethostname socket.getfqdn socket.gethostbyname socket.gethostbyname_ex socket.getaddrinfo"
    " socket.gethostbyaddr"
    " socket.inet_aton socket.inet_ntoa socket.getservbyname socket.create_connection socket.socket"
    " urllib.request.urlopen urllib.request.Request http.client.HTTPSConnection http.client.HTTPConnection"
    " requests.get requests.head"
    " requests.options httpx.get httpx.head requests.Session ssl.create_default_context"
    " ssl.get_server_certificate ssl.OPENSSL_VERSION"
    " sqlite3.connect sqlite3.sqlite_version"
    " yaml.safe_load yaml.dump toml.load toml.loads"
    " redis.Redis redis.StrictRedis redis.from_url redis.Redis.from_url psycopg2.connect psycopg.connect"
    " pymysql.connect MySQLdb.connect"
    " sqlalchemy.create_engine sqlalchemy.text sqlalchemy.inspect django.setup django.get_version"
    " boto3.client boto3.resource boto3.session.Session"
    " pymongo.MongoClient asyncio.run asyncio.sleep signal.signal logging.getLogger"
    " django.db.connection.cursor numpy.array numpy.arange numpy.show_config torch.cuda.is_available"
    " torch.cuda.device_count"
    " torch.cuda.get_device_name tensorflow.config.list_physical_devices pandas.read_csv pandas.read_json"
    " site.getsitepackages"
    " resource.getrusage resource.getrlimit resource.getpagesize"
)
"""Functions of other modules that change nothing."""

BUILTINS: Final = words(
    "abs all any ascii bin bool bytearray bytes callable chr complex dict dir divmod enumerate filter"
    " float format frozenset hash help hex id"
    " input int isinstance issubclass iter len list map max memoryview min next object oct ord pow print"
    " range repr reversed round set slice"
    " sorted str sum super tuple type zip exit quit hasattr Exception ValueError KeyError RuntimeError"
    " SystemExit property staticmethod"
    " classmethod"
)
"""Built-in functions that change nothing."""

PURE_METHODS: Final = words(
    "append extend insert pop copy count index reverse sort keys values items get setdefault popitem split"
    " rsplit splitlines strip"
    " lstrip rstrip join startswith endswith find rfind upper lower title capitalize casefold swapcase"
    " center ljust rjust zfill"
    " format format_map encode decode isdigit isalpha isalnum isspace isupper islower isnumeric partition"
    " rpartition translate expandtabs"
    " removeprefix removesuffix hex fromhex as_posix read readline readlines close fileno seek tell"
    " getvalue flush isatty readable"
    " groups group groupdict span start end match search fullmatch findall finditer sub subn date time"
    " timestamp isoformat strftime strptime"
    " total_seconds now utcnow today fromtimestamp weekday isocalendar astimezone timetuple hexdigest"
    " digest add union intersection difference"
    " symmetric_difference issubset issuperset discard most_common elements json text status_code"
    " raise_for_status getheaders getheader"
    " getresponse info geturl exists is_file is_dir stat iterdir glob rglob read_text read_bytes resolve"
    " absolute expanduser relative_to with_suffix"
    " with_name samefile owner as_integer_ratio bit_length quantize to_bytes from_bytes conjugate namelist"
    " infolist getnames getmembers cursor fetchone"
    " fetchall fetchmany scalar scalars mappings first all one one_or_none filter exclude order_by"
    " values_list distinct count aggregate annotate"
    " select_related prefetch_related last earliest latest in_bulk explain iterator exists only defer none"
    " reverse using sum mean head tail"
    " describe to_string to_dict tolist max min std shape hgetall hget hkeys hlen lrange llen smembers"
    " scard zrange zcard ttl pttl type dbsize ping"
    " scan scan_iter get_paginator paginate describe list_buckets list_objects_v2 get_caller_identity"
    " list_tables list_collection_names"
    " list_database_names count_documents find_one server_info estimated_document_count getpeercert"
    " version getsockname getpeername settimeout connect"
    " connect_ex as_dict as_string dumps loads load parse fromstring getroot iter findtext attrib walk"
    " getvalue most_common cpu_percent"
    " virtual_memory memory_info get_table_names get_columns get_indexes"
)
"""Methods that change nothing outside this process, whatever they are called on."""
