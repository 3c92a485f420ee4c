# The way from fish to a guard on the same machine: two pipes with names in __safeshell_folder.

function __safeshell_reaches
    test -p $__safeshell_folder/ask -a -p $__safeshell_folder/answer; or return 1
    # Where the guard is not the terminal's owner (`safeshell init`) it may end before the shell does.
    if set -q __safeshell_guard
        kill -0 $__safeshell_guard 2>/dev/null; or return 1
    end
end

function __safeshell_say
    __safeshell_fields $argv >$__safeshell_folder/ask
    __safeshell_listen
end

function __safeshell_listen
    read -g __safeshell_line <$__safeshell_folder/answer
end
