#!/usr/bin/env bash
# The toolchains of the web frameworks that are missing here, from Debian's packages. Not Go: what
# Debian 12 has is too old for Gin.
set -euo pipefail

missing=()

# need PACKAGES COMMAND...: the packages that make the command succeed.
need() {
    if ! "${@:2}" >/dev/null 2>&1; then
        read -ra packages <<<"$1"
        missing+=("${packages[@]}")
    fi
}

need default-jdk-headless java --version
need maven mvn --version
# Not `rails`, which also wants Debian's own Node.js.
need "ruby ruby-railties" ruby -e "require 'rails'"
need puma puma --version
need "php-cli php-laravel-framework" php -r "require 'Illuminate/autoload.php';"

if ((${#missing[@]} == 0)); then
    exit
fi
if ! command -v apt-get >/dev/null || ((EUID != 0)); then
    echo "frameworks: not installed: ${missing[*]}; apt-get installs them, as root" >&2
    exit 1
fi
echo "Installing ${missing[*]} ..."
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
