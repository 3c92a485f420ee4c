# Sourced by script/demo and script/test: a virtual environment with what they need, made once and kept.
# It is made again when pyproject.toml changes. Nothing outside this folder is touched, except that a missing
# python3-venv is installed where this user may install packages.

root=$(cd "$(dirname "$0")/.." && pwd)
venv=$root/.venv

say() { printf '%s\n' "$*" >&2; }
die() { say "$@"; exit 1; }

# Runs a command as root: directly, or by a sudo that asks nothing. Fails where neither is to be had.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif sudo -n true 2>/dev/null; then sudo -n "$@"; else return 1; fi
}

# Installs Debian packages; says what to type where it may not.
install_packages() {
    if command -v apt-get >/dev/null 2>&1 && as_root true; then
        say "Installing $*"
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q "$@" >/dev/null 2>&1 ||
            { as_root apt-get update -q >/dev/null 2>&1 &&
                as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q "$@" >/dev/null; } ||
            die "Could not install $*. Install them by hand: sudo apt-get install $*"
    else
        die "Missing: $*. Install them first: sudo apt-get install $*"
    fi
}

find_python() {
    for candidate in python3 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    die "safeshell needs Python 3.11 or newer; install it first: sudo apt-get install python3"
}

# make_environment EXTRAS: the virtual environment with safeshell and its extras.
make_environment() {
    extras=$1
    stamp=$venv/.made-for
    wanted="$extras $(cksum <"$root/pyproject.toml")"
    if [ -f "$stamp" ] && grep -qxF "$wanted" "$stamp"; then compile; return; fi
    if [ ! -x "$venv/bin/python" ]; then
        python=$(find_python)
        if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
            install_packages "$(basename "$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')")-venv"
        fi
        say "Making the virtual environment in .venv"
        "$python" -m venv "$venv" || die "Could not make a virtual environment in $venv"
    fi
    say "Installing safeshell[$extras] into .venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        --config-settings editable_mode=compat -e "$root[$extras]" ||
        die "Could not install the Python packages that pyproject.toml names. Is there a network?"
    printf '%s\n' "$wanted" >>"$stamp"
    compile
}

# Compiles modules and packs, so that the first line is as fast as the next. Python does it by itself, too, but not
# where PYTHONDONTWRITEBYTECODE is set: there every start would compile everything again.
compile() {
    "$venv/bin/python" -m compileall -q "$root/safeshell" &&
        "$venv/bin/python" -c 'from safeshell.shell.pack_cache import packed_programs; packed_programs()' ||
        die "safeshell's own modules could not be compiled"
}
