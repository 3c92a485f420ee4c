"""SQL functions by name: which of them act on the world, which are known to only compute or look.

A query that calls a function of neither list is not proven to read,
    and no alarm. Products whose queries can call
nothing that writes (SQLite's shell, ClickHouse, BigQuery, Cassandra, DuckDB) need only the first list.
Sources: PostgreSQL 16 manual ch. 9, MySQL 8.0 ch. 14, the measured list in the notes.
"""

from __future__ import annotations

from typing import Final

from safeshell.guard.effects import EffectKind, Extent
from safeshell.lazy_pattern import lazy_pattern
from safeshell.shell.languages.found import Deed, words

PURE_PRODUCTS: Final = frozenset(
    {"sqlite", "clickhouse", "bigquery", "cql", "duckdb", "mssql", "hive", "spark"}
)
"""Products in whose SELECT a function that is not listed as acting can't write."""


def _stops(rule: str, reason: str, instead: str = "") -> Deed:
    return Deed(rule, EffectKind.STOP, Extent.ONE, reason, instead)


_TERMINATE: Final = _stops("sql.terminates-sessions", "ends database sessions and the transactions in them",
                           "`SELECT * FROM pg_stat_activity` with the same condition first")  # fmt: skip
_LOCK: Final = Deed(
    "sql.advisory-lock", EffectKind.STOP, Extent.ONE, "takes or frees a lock that the application waits for"
)
_SLOT: Final = Deed(
    "sql.replication-slot",
    EffectKind.STOP,
    Extent.MANY,
    "changes a replication slot; its consumer may lose data",
)
_SWITCH: Final = Deed("sql.switches-log", EffectKind.WRITE, Extent.ONE, "starts a new log segment or file")
_REPLICATION: Final = Deed(
    "sql.replication", EffectKind.STOP, Extent.MANY, "changes whether and how this server replicates"
)
_SEQUENCE: Final = Deed(
    "sql.sets-sequence", EffectKind.OVERWRITE, Extent.ONE, "sets a sequence: ids may be given twice"
)
_NEXT: Final = Deed("sql.takes-number", EffectKind.WRITE, Extent.ONE, "uses up a number of a sequence")
_LARGE_OBJECT: Final = Deed(
    "sql.large-object", EffectKind.DELETE, Extent.ONE, "deletes or changes a large object"
)
_REMOTE: Final = Deed(
    "sql.runs-elsewhere", EffectKind.EXECUTE, Extent.ONE, "runs a statement on another database"
)
_SETTING: Final = Deed(
    "sql.session-setting", EffectKind.WRITE, Extent.ONE, "changes a setting, perhaps read-only itself"
)
_RELOAD: Final = Deed(
    "sql.reloads", EffectKind.CONFIGURE, Extent.ONE, "makes the server read its configuration files again"
)
_STATISTICS: Final = Deed(
    "sql.resets-statistics", EffectKind.DELETE, Extent.ONE, "throws away the statistics collected so far"
)
_WRITES_FILE: Final = Deed(
    "sql.writes-file", EffectKind.OVERWRITE, Extent.ONE, "writes or removes a file on the server"
)
_LIBRARY: Final = Deed(
    "sql.loads-library", EffectKind.EXECUTE, Extent.ONE, "loads code into the database program"
)
_WAITS: Final = Deed("sql.waits", EffectKind.WRITE, Extent.ONE, "keeps a connection waiting")
_SENDS: Final = Deed("sql.notifies", EffectKind.WRITE, Extent.ONE, "sends a message that listeners act on")
_PARTITION: Final = Deed(
    "sql.runs-function", EffectKind.EXECUTE, Extent.ONE, "calls a function that changes tables or jobs"
)
_RUNS_SQL: Final = Deed(
    "sql.runs-text", EffectKind.EXECUTE, Extent.ONE, "runs a text as a statement inside the query"
)
_DROPS_CHUNKS: Final = Deed(
    "sql.drops-chunks", EffectKind.DELETE, Extent.MANY, "deletes whole chunks or partitions of rows"
)
_SHELL: Final = Deed(
    "sql.runs-program", EffectKind.EXECUTE, Extent.MANY, "runs a program on the database server"
)

_ACTING_LISTS: Final[tuple[tuple[Deed, str], ...]] = (
    (_TERMINATE, "pg_terminate_backend pg_cancel_backend"),
    (_LOCK, ("pg_advisory_lock pg_advisory_lock_shared pg_try_advisory_lock pg_try_advisory_lock_shared"
            " pg_advisory_xact_lock pg_advisory_xact_lock_shared pg_try_advisory_xact_lock pg_advisory_unlock"
            " pg_advisory_unlock_shared pg_advisory_unlock_all get_lock release_lock release_all_locks"
            " pg_try_advisory_xact_lock_shared service_get_write_locks service_get_read_locks"
            " service_release_locks")),
    (_SLOT, ("pg_drop_replication_slot pg_replication_slot_advance pg_create_physical_replication_slot"
            " pg_create_logical_replication_slot pg_logical_slot_get_changes"
            " pg_logical_slot_get_binary_changes"
            " pg_copy_physical_replication_slot pg_copy_logical_replication_slot pg_sync_replication_slots")),
    (_SWITCH, "pg_switch_wal pg_switch_xlog pg_rotate_logfile pg_create_restore_point pg_log_standby_snapshot"),
    (_REPLICATION, ("pg_promote pg_wal_replay_pause pg_wal_replay_resume pg_replication_origin_drop"
                   " pg_replication_origin_advance pg_replication_origin_create pg_backup_start"
                   " pg_backup_stop"
                   " pg_start_backup pg_stop_backup group_replication_set_as_primary"
                   " group_replication_switch_to_single_primary_mode"
                   " group_replication_switch_to_multi_primary_mode"
                   " wait_for_executed_gtid_set asynchronous_connection_failover_add_source")),
    (_SEQUENCE, "setval"),
    (_NEXT, "nextval txid_current pg_current_xact_id"),
    (_LARGE_OBJECT,
        "lo_unlink lo_create lo_creat lo_import lo_put lo_from_bytea lowrite lo_truncate lo_truncate64"),
    (_WRITES_FILE,
        ("lo_export pg_file_write pg_file_unlink pg_file_rename pg_file_sync writefile edit "
                   " pg_export_snapshot")),
    (_REMOTE, ("dblink_exec dblink dblink_send_query dblink_open dblink_connect openquery openrowset"
              " postgres_execute ")),
    (_SETTING, "set_config"),
    (_RELOAD, "pg_reload_conf"),
    (_STATISTICS, ("pg_stat_reset pg_stat_reset_shared pg_stat_reset_single_table_counters"
                  " pg_stat_reset_single_function_counters pg_stat_reset_slru pg_stat_reset_replication_slot"
                  " pg_stat_reset_subscription_stats pg_stat_statements_reset "
                  " pg_stat_kcache_reset pg_qualstats_reset pg_buffercache_evict pg_clear_relation_stats")),
    (_LIBRARY, "load_extension plpgsql_call_handler"),
    (_WAITS, "pg_sleep pg_sleep_for pg_sleep_until sleep benchmark sleepeachrow master_pos_wait source_pos_wait"),
    (_SENDS, "pg_notify pg_logical_emit_message "),
    (_PARTITION, ("create_parent run_maintenance create_hypertable add_retention_policy remove_retention_policy"
                 " add_compression_policy compress_chunk decompress_chunk run_job delete_job alter_job"
                 " create_distributed_table create_reference_table rebalance_table_shards"
                 " citus_move_shard_placement"
                 " undistribute_table citus_add_node citus_remove_node partition_data_time repack_table"
                 " move_chunk"
                 " reorder_chunk master_move_shard_placement start_metadata_sync_to_node pg_repack"
                 " refresh_continuous_aggregate"
                 " schedule unschedule schedule_in_database alter_table "
                 " pg_import_system_collations"
                 " brin_summarize_new_values brin_desummarize_range gin_clean_pending_list addgeometrycolumn"
                 " dropgeometrycolumn updategeometrysrid pg_prewarm pgr_createtopology")),
    (_DROPS_CHUNKS,
        ("drop_chunks drop_partition drop_partition_time drop_partition_id dropgeometrytable detach_chunk"
                    " alter_distributed_table drop_hypertable citus_drop_all_shards master_drop_all_shards")),
    (_RUNS_SQL, ("query_to_xml query_to_xml_and_xmlschema query_to_xmlschema cursor_to_xml eval "
                " run_command_on_workers run_command_on_shards run_command_on_placements")),
    (_SHELL, "sys_exec sys_eval xp_cmdshell"),
)  # fmt: skip
ACTING: Final = {name: deed for deed, names in _ACTING_LISTS for name in names.split()}
"""Functions that act, by lower-case name."""

_READING_NAMES: Final = words(
    # aggregates and windows
    "count sum avg min max array_agg string_agg group_concat listagg json_agg jsonb_agg json_object_agg"
    " jsonb_object_agg"
    " bool_and bool_or every bit_and bit_or bit_xor stddev stddev_pop stddev_samp variance var_pop"
    " var_samp corr"
    " covar_pop covar_samp median mode percentile_cont percentile_disc row_number rank dense_rank"
    " percent_rank"
    " cume_dist ntile lag lead first_value last_value nth_value any_value approx_count_distinct grouping"
    " xmlagg total"
    " count_big checksum_agg range_agg regr_slope regr_r2 regr_count hll_cardinality"
    # conditions and conversion
    " coalesce nullif ifnull isnull nvl nvl2 if iff iif decode case greatest least cast convert try_cast"
    " try_convert"
    " to_char to_date to_timestamp to_number to_json to_jsonb to_regclass to_hex to_days to_seconds"
    " from_unixtime"
    " unix_timestamp from_days str_to_date date_format time_format sec_to_time time_to_sec num_nonnulls"
    " num_nulls"
    # numbers
    " abs ceil ceiling floor round trunc truncate mod power pow sqrt cbrt exp ln log log10 log2 sign pi"
    " random rand"
    " setseed degrees radians sin cos tan asin acos atan atan2 cot div gcd lcm factorial width_bucket"
    " crc32 conv bin hex"
    " unhex oct scale min_scale trim_scale bit_count bit_length "
    # text
    " concat concat_ws length char_length character_length octet_length len lower upper lcase ucase"
    " initcap substring"
    " substr mid left right trim ltrim rtrim btrim lpad rpad replace translate reverse repeat space"
    " position locate"
    " instr charindex patindex strpos split_part ascii chr char ord unicode format quote quote_ident"
    " quote_literal"
    " quote_nullable overlay starts_with ends_with md5 sha sha1 sha2 sha224 sha256 sha384 sha512 encode"
    " digest hmac"
    " soundex metaphone levenshtein similarity word_similarity unaccent field elt find_in_set substring_index"
    " export_set make_set to_base64 from_base64 convert_from convert_to normalize printf glob"
    " like regexp"
    " string_to_array string_to_table array_to_string stuff string_split string_escape uuid uuid_short"
    " gen_random_uuid uuid_generate_v4 uuid_generate_v1 newid inet_aton inet_ntoa inet6_aton inet6_ntoa"
    " host masklen"
    " network netmask broadcast family hostmask text abbrev compress uncompress password_hash get_byte"
    " get_bit"
    # time
    " now current_timestamp current_date current_time localtime localtimestamp clock_timestamp"
    " statement_timestamp"
    " transaction_timestamp timeofday sysdate systimestamp getdate getutcdate sysdatetime curdate curtime"
    " utc_date"
    " utc_time utc_timestamp age extract date time datetime julianday strftime timediff timestamp"
    " timestampdiff"
    " timestampadd datediff dateadd datename datepart date_part date_trunc date_bin date_add date_sub"
    " adddate subdate"
    " addtime subtime year month day hour minute second week weekday dayofweek dayofmonth dayofyear quarter"
    " monthname dayname last_day makedate maketime make_date make_time make_timestamp make_timestamptz"
    " make_interval"
    " period_add period_diff justify_days justify_hours justify_interval isfinite add_months"
    " months_between eomonth"
    " yearweek weekofyear microsecond convert_tz interval timezone time_bucket time_bucket_gapfill toyear"
    # arrays, ranges, sets
    " unnest array array_length array_position array_positions array_append array_cat array_remove"
    " array_to_json"
    " array_upper array_lower array_ndims array_dims cardinality array_fill array_prepend array_replace"
    " generate_series"
    " generate_subscripts isempty lower_inc upper_inc lower_inf upper_inf range_merge int4range int8range"
    " numrange"
    " tsrange tstzrange daterange row rows row_to_json flatten explode hstore akeys avals skeys svals each"
    " slice sort_array"
    # search
    " to_tsvector to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery ts_rank ts_rank_cd"
    " ts_headline"
    " setweight strip match against ts_debug ts_lexize numnode querytree show_trgm"
    # the server and its state
    " version current_user session_user user system_user current_database database current_schema"
    " current_schemas"
    " schema current_role current_catalog current_setting current_query connection_id last_insert_id"
    " row_count"
    " found_rows inet_client_addr inet_client_port inet_server_addr inet_server_port txid_current_snapshot"
    " txid_current_if_assigned txid_status txid_snapshot_xmin lastval currval col_description obj_description"
    " shobj_description format_type sys_context userenv db_name db_id object_id object_name schema_name"
    " schema_id"
    " suser_sname suser_name host_name app_name serverproperty databasepropertyex objectproperty"
    " columnproperty"
    " type_name col_name col_length has_dbaccess is_member is_srvrolemember scope_identity ident_current"
    " rowcount_big"
    " changes total_changes last_insert_rowid sqlite_version sqlite_source_id typeof collation charset"
    " coercibility"
    " is_used_lock is_free_lock ps_thread_id format_bytes format_pico_time name_const load_file readfile xmin"
    " database_principal_id get_ddl dbtimezone sessiontimezone pg_is_in_recovery "
    " row_security_active"
    " acldefault aclexplode makeaclitem txid_visible_in_snapshot mxid_age dblink_get_connections"
    " timescaledb_information hypertable_size hypertable_detailed_size chunks_detailed_size"
    " hypertable_index_size"
    " approximate_row_count show_chunks citus_table_size citus_relation_size citus_total_relation_size"
    " pgstattuple"
    " pgstatindex pgstattuple_approx pg_buffercache_summary pg_buffercache_pages heap_page_items get_raw_page"
    " page_header bt_metap bt_page_stats bt_page_items statement_digest statement_digest_text gtid_subset"
    " gtid_subtract"
    " validate_password_strength fn_dblog ps_is_account_enabled sm_lockinfo"
)
_READING_SHAPES: Final = lazy_pattern(
    r"(?:json|jsonb|array|regexp|regr|st|ts|is|xml|xpath|jsonpath|string|str|date|to|from|uuid|bit|hll"
    r"|inet|cidr|tsvector"
    r"|information)_\w+"
    r"|xpath|xmlelement|xmlforest|xmltable|json|jsonb|jsonb?_\w+|openjson|json_\w+|json_table"
    r"|pg_(?:stat_get|get|show|ls|is|has|size|tablespace|column|postmaster|conf|xact|typeof|encoding|char"
    r"|client"
    r"|describe|identify|input|index|indexes|indexam|opfamily|control|safe|partition|mcv|safe_snapshot"
    r"|blocking|stat_file"
    r"|collation|options|sequence|timezone|read|table|relation|total|database|my|listening|last|current"
    r"|walfile|wal_lsn"
    r"|backup_start|event_trigger|filenode|jit|notification|settings|lsn|stat_statements|stats|stat_clear"
    r"|buffercache"
    r"|visible|available|hba|ident|cursor|prepared|lock|locks|description|isolation|available_extension"
    r"|trigger_depth"
    r"|stat_have|stat_activity|relpages|freespace|visibility)(?:_\w+)?"
    r"|pg_(?:wal_replay_(?!pause$|resume$)\w+|wal_lsn_diff|is_wal_replay_paused)"
    r"|has_\w+_privilege|has_\w+|txid_snapshot_\w+|fn_\w+|dm_\w+|sys_\w+_get"
)
_NEVER: Final = lazy_pattern(r"st_(?:create|drop|add|remove)\w*")


def acting(name: str) -> Deed | None:
    """What calling the function does to the world; None when it is not known to do anything.

    Args:
        name: without its schema, in lower case.
    """
    return ACTING.get(name)


def only_computes(name: str, dialect: str) -> bool:
    """Whether a call of the function is proven to change nothing.

    Args:
        name: without its schema, in lower case.
        dialect: the product, "" when not known.
    """
    if name in ACTING:
        return False
    if dialect in PURE_PRODUCTS:
        return not name.startswith(("xp_", "sp_"))
    return name in _READING_NAMES or (
        _READING_SHAPES.fullmatch(name) is not None and _NEVER.fullmatch(name) is None
    )
