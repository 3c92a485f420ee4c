# safeshell's half inside fish: every line goes to the guard when Enter is pressed, and waits for its word.
#
# Sourced behind the person's own files and the way to the guard (pipes.fish, or what a remote shell has instead:
# __safeshell_reaches, __safeshell_say, __safeshell_listen) by a file of the session that has set __safeshell_secret,
# __safeshell_word (what the guard's answers begin with) and __safeshell_names (variables that say where a command
# would act). fish has no second net: an event can't cancel what it is told of. So every way to
# run the line leads here: Enter, any key bound to `execute`, and `commandline -f execute` in anybody's functions.
# What runs all the same is told to the guard, which says so. Nothing here is exported.

set -g __safeshell_sequence 0
set -g __safeshell_passed
set -g __safeshell_reply

# __safeshell_ask KIND TEXT: 0 with the answer in __safeshell_reply; anything else is no.
function __safeshell_ask
    set -g __safeshell_reply
    set -g __safeshell_wanted
    __safeshell_reaches; or return 1
    set -g __safeshell_sequence (math $__safeshell_sequence + 1)
    set -l id $fish_pid.$__safeshell_sequence
    __safeshell_say $id $argv[1] "$argv[2]"; or return 1
    while true
        if string match -q -- "$__safeshell_word $id need *" "$__safeshell_line"
            set -g __safeshell_wanted (string split ' ' -- (string replace -- "$__safeshell_word $id need " '' "$__safeshell_line"))
            __safeshell_say $id more ""; or return 1
        else if string match -q -- "$__safeshell_word $id *" "$__safeshell_line"
            set -g __safeshell_reply (string replace -- "$__safeshell_word $id " '' "$__safeshell_line")
            return 0
        else
            __safeshell_listen; or return 1
        end
    end
end

# What is said to the guard, as it goes over: ID KIND TEXT.
function __safeshell_fields
    printf '%s\0' $__safeshell_secret $argv[1] $argv[2] $fish_pid $__safeshell_euid "$PWD" "" "$argv[3]"
    switch "$argv[2..]"
        case 'more*'
            __safeshell_facts_of $__safeshell_wanted
        case 'meta unlock*'
            # A shell that may write is about to be opened in front of this one: it gets what is exported.
            for name in (set --names -x)
                printf 'x\0%s\0%s\0' $name "$$name"
            end
            history save 2>/dev/null
        case '*'
            __safeshell_facts "$argv[3]"
    end
    printf '.\0'
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

# The words are what runs the line once it may: the person's own function on that key, or nothing for fish's own.
function __safeshell_execute
    set -l text (builtin commandline -b | string collect)
    if test -z (string trim -- "$text" | string collect)
        __safeshell_go $argv
        return
    end
    if not __safeshell_ask line "$text"
        # A shell whose guard is gone can be left; nothing else is done in it.
        if string match -qr -- '^\s*(exit|logout)(\s+[0-9]+)?\s*$' "$text"
            set -g __safeshell_passed "$text"
            __safeshell_go $argv
            return
        end
        echo 'safeshell: the guard does not answer; nothing was run. Leave with exit or ^D.' >&2
        builtin commandline -f repaint
        return
    end
    switch $__safeshell_reply
        case 'run*'
            set -g __safeshell_passed "$text" (__safeshell_expanded)
            string match -q -- '*drawn' $__safeshell_reply; and __safeshell_repaint "$text"
            __safeshell_go $argv
        case 'more*'
            __safeshell_go $argv
        case '*'
            __safeshell_repaint "$text"
    end
end

# fish goes up by as many lines as the text has: they have to be there, below what was said.
function __safeshell_repaint
    set -l lines (string split -- \n "$argv[1]")
    string repeat -N -n (math (count $lines) - 1) -- \n
    builtin commandline -f repaint
end

# The line as it is once the abbreviation left of the cursor is expanded, which Enter does behind this key's back.
function __safeshell_expanded
    set -l word (builtin commandline -ct)
    test -n "$word"; and abbr -q -- $word; or return
    set -l meant (abbr --show | string replace -rf -- "^abbr -a (?:.* )?-- $word " '' | string unescape)
    set -l before (builtin commandline -c | string collect)
    set -l length (string length -- "$before")
    set -l behind (builtin commandline -b | string sub -s (math $length + 1) | string collect)
    printf '%s' (string sub -e -(string length -- $word) -- "$before") "$meant" "$behind" | string collect
end

function __safeshell_go
    if test (count $argv) -eq 0
        builtin commandline -f execute
        return
    end
    # Its own `commandline -f execute` is this very line's, which may run.
    set -g __safeshell_going
    eval $argv
    set -e __safeshell_going
end

function commandline --wraps commandline
    if set -q __safeshell_going; or not contains -- execute $argv; or not string match -qr -- '^(-f|--function)$' $argv
        builtin commandline $argv
        return
    end
    set -l before (string match -v -- execute $argv)
    test (count $before) -gt 1; and builtin commandline $before
    __safeshell_execute
end

function __safeshell_told --on-event fish_preexec
    set -l passed $__safeshell_passed
    set -g __safeshell_passed
    contains -- "$argv[1]" $passed; or __safeshell_ask unseen "$argv[1]"
end

# fish_vi_key_bindings and its like bind everything anew, and so may the person: at each prompt the keys are made
# sure of. A key of their own keeps its function, which runs once the line may.
function __safeshell_bind
    for line in (bind --user | string match -r -- '^bind .*$' | string match -v -- '*__safeshell_execute*')
        set -l words (string split -n ' ' -- $line)
        if test "$words[-1]" = execute
            eval (string join ' ' -- $words[1..-2]) __safeshell_execute
        else if string match -qr -- ' \\\\[rn] [^ ]+$' $line; and test "$words[-1]" != __safeshell_execute
            eval (string join ' ' -- $words[1..-2]) "'__safeshell_execute $words[-1]'"
        end
    end
    for mode in default insert
        for key in \r \n
            string match -q -- '*__safeshell_execute*' (bind --user -M $mode $key 2>/dev/null); and continue
            # In vi's command mode Enter leads back to its insert mode.
            set -l then (bind --preset -M $mode $key 2>/dev/null | string match -r -- '-m \w+' | string split ' ')
            bind -M $mode $then $key __safeshell_execute
        end
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
        test "$__safeshell_reply" = leave; and exit
        set -l signs (string split \x1f -- (string replace -r '^ok ?' '' -- $__safeshell_reply))
        set -g __safeshell_marker $signs[1]
        set -g __safeshell_title $signs[2]
    else
        set -g __safeshell_marker '[UNGUARDED]'
    end
    __safeshell_wrap
end

# A prompt and a title of the person's own, those that they define later included, get our words in front.
function __safeshell_wrap
    if not functions -q fish_prompt; or not string match -q -- '*__safeshell_marker*' (functions fish_prompt)
        functions -e __safeshell_own_prompt
        functions -q fish_prompt; and functions -c fish_prompt __safeshell_own_prompt
        function fish_prompt
            set -l state $status
            test -n "$__safeshell_marker"; and printf '%s ' $__safeshell_marker
            __safeshell_status $state
            __safeshell_own_prompt
        end
    end
    if not functions -q fish_title; or not string match -q -- '*__safeshell_title*' (functions fish_title)
        functions -e __safeshell_own_title
        functions -q fish_title; and functions -c fish_title __safeshell_own_title
        function fish_title
            echo $__safeshell_title (functions -q __safeshell_own_title; and __safeshell_own_title $argv)
        end
    end
end

# A shell inside of this one gets the hook as well: the guard prepares it and says how it is started.
function __safeshell_nest
    if isatty stdin; and isatty stdout; and __safeshell_ask nest (string join \x1f -- $argv)
        and string match -q -- 'ok ?*' $__safeshell_reply
        set -l words (string split \x1f -- (string replace -- 'ok ' '' $__safeshell_reply))
        command $words
    else
        command $argv
    end
end

for name in bash zsh fish sudo su
    functions -q $name; or eval "function $name --wraps $name; __safeshell_nest $name \$argv; end"
end
set -e name

set -g __safeshell_marker
set -g __safeshell_title
set -g __safeshell_euid (id -u)
__safeshell_ask hello "fish $version"
# In a session that the kernel holds its data was in another place when it started; what it starts finds its own.
if string match -q -- 'ok data*' "$__safeshell_reply"
    set -l own (string replace -r -- '^ok data ?' '' $__safeshell_reply)
    if test -n "$own"
        set -gx XDG_DATA_HOME $own
    else
        set -e XDG_DATA_HOME
    end
end
