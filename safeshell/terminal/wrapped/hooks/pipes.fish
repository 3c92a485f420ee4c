# The way from fish to a guard on the same machine: two pipes with names in __safeshell_folder; and the words for it.

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

# Words for the session's own guard; anything else is the program's matter.
function safeshell --wraps safeshell
    if test "$argv[1]" = doctor
        # What is found out about this very line is the program's to tell, among the rest.
        __safeshell_ask meta doctor; or set -g __safeshell_reply lost
        SAFESHELL_PROBE=$__safeshell_reply command $__safeshell_program $argv
        return
    end
    if not contains -- "$argv[1]" unlock lock
        command $__safeshell_program $argv
        return
    end
    if not __safeshell_ask meta "$argv"
        echo 'safeshell: the guard does not answer' >&2
        return 70
    end
    if string match -q -- 'ok *' $__safeshell_reply
        string replace -- 'ok ' '' $__safeshell_reply
    else if string match -q -- 'back *' $__safeshell_reply
        builtin cd (string replace -- 'back ' '' $__safeshell_reply) 2>/dev/null
        history merge
        echo 'Read-only again.'
    else
        set -l said (string split -m 2 ' ' -- $__safeshell_reply)
        echo "safeshell: $said[3]" >&2
        return $said[2]
    end
end
