# safeshell's half inside fish: every line goes to the guard when Enter is pressed, and waits for its word.
#
# Sourced behind the person's own files by a file of the session that has set __safeshell_secret, __safeshell_word
# (what the guard's answers begin with), __safeshell_folder (with the two pipes) and __safeshell_names (variables that
# say where a command would act). fish has no second net: an event can't cancel what it is told of, so what comes
# past the key is told to the guard, which says so. Nothing here is exported.

set -g __safeshell_sequence 0
set -g __safeshell_passed
set -g __safeshell_reply

# __safeshell_ask KIND TEXT: 0 with the answer in __safeshell_reply; anything else is no.
function __safeshell_ask
    set -g __safeshell_reply
    test -p $__safeshell_folder/ask -a -p $__safeshell_folder/answer; or return 1
    set -g __safeshell_sequence (math $__safeshell_sequence + 1)
    set -l id $fish_pid.$__safeshell_sequence
    begin
        printf '%s\0' $__safeshell_secret $id $argv[1] $fish_pid $__safeshell_euid "$PWD" "" "$argv[2]"
        __safeshell_facts "$argv[2]"
        printf '.\0'
    end >$__safeshell_folder/ask
    while true
        read -l line <$__safeshell_folder/answer; or return 1
        if string match -q -- "$__safeshell_word $id need *" $line
            begin
                printf '%s\0' $__safeshell_secret $id more $fish_pid $__safeshell_euid "$PWD" "" ""
                __safeshell_facts_of (string split ' ' -- (string replace -- "$__safeshell_word $id need " '' $line))
                printf '.\0'
            end >$__safeshell_folder/ask
        else if string match -q -- "$__safeshell_word $id *" $line
            set -g __safeshell_reply (string replace -- "$__safeshell_word $id " '' $line)
            return 0
        end
    end
end

# What the names of a line mean here: variables and functions (aliases are functions). Nothing is run.
function __safeshell_facts
    for name in (string split ' ' -- $__safeshell_names)
        set -q $name; and printf 'x\0%s\0%s\0' $name "$$name"
    end
    __safeshell_facts_of (string split -n ' ' -- (string replace -ra '[^A-Za-z0-9_.:+@-]' ' ' -- "$argv[1]") | string split -n ' ')
end

function __safeshell_facts_of
    set -l told
    for name in $argv
        contains -- $name $told; and continue
        string match -qr -- '^(__safeshell_.*|safeshell)$' $name; and continue
        set -a told $name
        if string match -qr -- '^[A-Za-z_][A-Za-z0-9_]*$' $name
            # Of a list of several only that it is there, since its words are several.
            if not set -q $name
                printf 'u\0%s\0\0' $name
            else if test (count $$name) -eq 1
                printf 'v\0%s\0%s\0' $name "$$name"
            else if test (count $$name) -eq 0
                printf 'u\0%s\0\0' $name
            end
        end
        # An abbreviation is expanded behind this key's back: the guard has to know what it will become.
        if abbr -q -- $name 2>/dev/null
            set -l meant (abbr --show | string replace -rf -- "^abbr -a (?:.* )?-- $name " '')
            test (count $meant) -eq 1; and printf 'a\0%s\0%s\0' $name "$(string unescape -- $meant)"
        end
        # fish's own functions (ls, cd) are its business: the commands of their names are what is meant.
        if functions -q -- $name; and not string match -q -- "$__fish_data_dir/*" (functions -D -- $name)
            printf 'f\0%s\0' $name
            functions --no-details -- $name
            printf '\0'
        end
    end
end

function __safeshell_execute
    set -l text (commandline -b | string collect)
    if test -z (string trim -- "$text" | string collect)
        commandline -f execute
        return
    end
    if not __safeshell_ask line "$text"
        echo 'safeshell: the guard does not answer; nothing was run. Leave with ^D.' >&2
        commandline -f repaint
        return
    end
    switch $__safeshell_reply
        case 'run*'
            set -g __safeshell_passed "$text"
            string match -q -- '*drawn' $__safeshell_reply; and commandline -f repaint
            commandline -f execute
        case 'more*'
            commandline -f execute
        case '*'
            commandline -f repaint
    end
end

function __safeshell_told --on-event fish_preexec
    set -l passed $__safeshell_passed
    set -g __safeshell_passed
    test "$passed" = "$argv[1]"; or __safeshell_ask unseen "$argv[1]"
end

# fish_vi_key_bindings and its like bind everything anew: at each prompt the keys are made sure of.
function __safeshell_bind
    for mode in default insert
        bind -M $mode \r __safeshell_execute
        bind -M $mode \n __safeshell_execute
    end
end

function __safeshell_status
    return $argv[1]
end

# At every prompt: the guard hears how the last line ended and where we are, and says what the prompt is to show.
function __safeshell_at_prompt --on-event fish_prompt
    set -l state $status
    __safeshell_bind
    if __safeshell_ask prompt $state
        set -l signs (string split \x1f -- (string replace -r '^ok ?' '' -- $__safeshell_reply))
        set -g __safeshell_marker $signs[1]
        set -g __safeshell_title $signs[2]
    else
        set -g __safeshell_marker '[UNGUARDED]'
    end
    if not functions -q __safeshell_own_prompt
        functions -q fish_prompt; and functions -c fish_prompt __safeshell_own_prompt
        function fish_prompt
            set -l state $status
            test -n "$__safeshell_marker"; and printf '%s ' $__safeshell_marker
            __safeshell_status $state
            __safeshell_own_prompt
        end
        functions -q fish_title; and functions -c fish_title __safeshell_own_title
        function fish_title
            echo $__safeshell_title (functions -q __safeshell_own_title; and __safeshell_own_title $argv)
        end
    end
end

# Words for the session's own guard; anything else is the program's matter.
function safeshell --wraps safeshell
    if not contains -- "$argv[1]" unlock lock
        $__safeshell_program $argv
        return
    end
    if not __safeshell_ask meta "$argv"
        echo 'safeshell: the guard does not answer' >&2
        return 70
    end
    if string match -q -- 'ok *' $__safeshell_reply
        string replace -- 'ok ' '' $__safeshell_reply
    else
        set -l said (string split -m 2 ' ' -- $__safeshell_reply)
        echo "safeshell: $said[3]" >&2
        return $said[2]
    end
end

set -g __safeshell_marker
set -g __safeshell_title
set -g __safeshell_euid (id -u)
__safeshell_ask hello "fish $version"
