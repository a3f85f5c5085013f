# Keystone on 127.0.0.1, for a Placement that authenticates with its tokens.
# shellcheck shell=bash
use cluster/placement

configure_keystone() {
  local conf=$dir/keystone
  ensure_keystone
  mkdir -p "$conf" "$dir/data"
  choose_ports keystone_port
  save keystone_url "http://127.0.0.1:$keystone_port/v3"
  cat > "$conf/keystone.conf" << CONF
[database]
connection = sqlite:///$dir/data/keystone.db
# no fsync: the data need not survive a power failure
sqlite_synchronous = false
[fernet_tokens]
key_repository = $conf/keys
[fernet_receipts]
key_repository = $conf/keys
[token]
expiration = 86400
[identity]
# the minimum of bcrypt: fast, for tests only
password_hash_rounds = 4
CONF
  keystone_manage db_sync
  keystone_manage fernet_setup --keystone-user "$(id -un)" --keystone-group "$(id -gn)"
  keystone_manage bootstrap --bootstrap-password admin --bootstrap-region-id RegionOne --bootstrap-public-url "$keystone_url"
  # The credentials with which Placement validates tokens.
  cat >> "$dir/placement/placement.conf" << CONF
[keystone_authtoken]
www_authenticate_uri = $keystone_url
auth_type = password
auth_url = $keystone_url
username = placement
password = placement
user_domain_id = default
project_name = service
project_domain_id = default
# the catalog has no other endpoints
interface = public
CONF
}

keystone_manage() {
  "$venv/bin/python" -I -W ignore -c 'from keystone.cmd.manage import main; main()' \
    --config-file "$dir/keystone/keystone.conf" "$@" >> "$dir/keystone.log" 2>&1 ||
    fail_with_log "$dir/keystone.log" "keystone-manage $1 failed"
}

start_keystone() {
  ensure_keystone
  start keystone env OS_KEYSTONE_CONFIG_DIR="$dir/keystone" OS_KEYSTONE_CONFIG_FILES="$dir/keystone/keystone.conf" \
    "$venv/bin/python" -I -W ignore "$lib/cluster/wsgi_server.py" "$keystone_port" keystone.wsgi.api
}
await_keystone() { await keystone "Keystone's first response" http_ok "$keystone_url"; }

# bootstrap_keystone: creates users, the catalog and an application credential; writes clouds.yaml with the clouds
# password and appcred.
bootstrap_keystone() {
  local token
  ensure_keystone
  # shellcheck disable=SC2086 # several roles
  "$venv/bin/python" -I -W ignore "$lib/cluster/bootstrap_keystone.py" "$keystone_url" "$placement_url" \
    ${PCI_LOCAL_ROLES:-service} > "$dir/clouds.yaml" 2>> "$dir/keystone.log" ||
    fail_with_log "$dir/keystone.log" "cannot create the users in Keystone"
  save clouds_file "$dir/clouds.yaml"
  save os_cloud "${PCI_LOCAL_CLOUD:-appcred}"
  token=$("$venv/bin/python" -I -W ignore "$lib/cluster/cloud_token.py" "$clouds_file" password) || exit 1
  save placement_token "${token#* }"
}
