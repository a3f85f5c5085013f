# Certificates and kubeconfigs of one cluster.
# shellcheck shell=bash

# Elliptic-curve keys are generated much faster than RSA keys.
key_kind=(ec -pkeyopt ec_paramgen_curve:P-256)

# create_ca: one certificate authority for the API server and the webhook.
create_ca() {
  mkdir -p "$dir/pki"
  {
    openssl req -x509 -newkey "${key_kind[@]}" -nodes -keyout "$dir/pki/ca.key" -out "$dir/pki/ca.crt" -days 3650 \
      -subj /CN=pci-local-ca -addext keyUsage=critical,keyCertSign,digitalSignature
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$dir/pki/sa.key"
  } 2> "$dir/pki/openssl.log" || fail_with_log "$dir/pki/openssl.log" "openssl cannot create a certificate"
}

# create_certificate NAME SUBJECT-ALT-NAMES [GROUP]: creates pki/NAME.crt and pki/NAME.key of a server. With a group, the
# certificate is also valid for a client, which the API server authenticates as a member of that group.
create_certificate() {
  local pki=$dir/pki
  {
    openssl req -newkey "${key_kind[@]}" -nodes -keyout "$pki/$1.key" -out "$pki/$1.csr" -subj "${3:+/O=$3}/CN=$1"
    printf 'basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth%s\nsubjectAltName=%s\n' "${3:+,clientAuth}" "$2" \
      > "$pki/$1.ext"
    openssl x509 -req -in "$pki/$1.csr" -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -CAcreateserial -days 3650 \
      -extfile "$pki/$1.ext" -out "$pki/$1.crt"
  } 2>> "$pki/openssl.log" || fail_with_log "$pki/openssl.log" "openssl cannot create a certificate"
}

# write_kubeconfig FILE SERVER CA-FILE TOKEN
write_kubeconfig() {
  cat > "$1" << KUBECONFIG
apiVersion: v1
kind: Config
clusters: [{name: local, cluster: {server: "$2", certificate-authority-data: $(base64 -w0 "$3")}}]
users: [{name: local, user: {token: "$4"}}]
contexts: [{name: local, context: {cluster: local, user: local}}]
current-context: local
KUBECONFIG
}
