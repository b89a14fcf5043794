# SPDX-License-Identifier: LGPL-2.1-or-later
# What the service says, over the bus as any client would ask it, and what it has left on disk. Sourced by the
# runner.
# shellcheck shell=bash disable=SC2154 disable=SC2034

bus_name=org.hostdriver1
bus_root=/org/hostdriver1
unit=hostdriverd.service
early_unit=hostdriver-recover.service

# value_of PATH INTERFACE PROPERTY: a string or boolean without busctl's type and quotes; anything else as busctl writes it.
value_of() {
        local value
        value=$(busctl get-property "$bus_name" "$1" "$bus_name.$2" "$3")
        case $value in
        'b '*) value=${value#b } ;;
        's "'* | 'o "'*)
                value=${value#? \"}
                value=${value%\"}
                ;;
        esac
        echo "$value"
}

property() {
        value_of "$bus_root/driver/$1" Driver "$2"
}

manager_property() {
        value_of "$bus_root" Manager "$1"
}

# problem_codes DRIVER: of problems that are more than information.
problem_codes() {
        property "$1" Problems | grep -oE '"(warning|error)" "[a-z-]+"' | cut -d'"' -f4 | sort | xargs
}

service_pid() {
        systemctl show -P MainPID "$unit"
}

# noticed DRIVER…: the service has seen what was installed.
noticed() {
        local driver
        for driver; do
                within 5 "the service notices" "$driver" property "$driver" Name
        done
}

# choose DRIVER VERSION: as an administrator at the console.
choose() {
        works "hostdriverctl select $1 $2" hostdriverctl select "$1" "$2"
}

# The directory that our override line names for a module in a kernel release.
override_of() {
        local word module expression directory
        [ -e /etc/depmod.d/zz-hostdriver.conf ] || return 0 # no version is selected
        while read -r word module expression directory; do
                if [ "$word" = override ] && [ "$module" = "$1" ] && [[ "${2:-$kernel}" =~ $expression ]]; then
                        echo "$directory"
                fi
        done < /etc/depmod.d/zz-hostdriver.conf
}

# stands MODULE PACKAGE VERSION [RELEASE]: link, override line and index agree on that version.
stands() {
        local directory=xenserver/$2/$3 release=${4:-$kernel}
        same "link of $1 for $release" "$(link_of "$1" "$release")" "../$directory/$1.ko"
        same "override of $1 for $release" "$(override_of "$1" "$release")" "$directory"
        same "index of $release for $1" "$(resolved "$1" "$release")" "$directory/$1.ko"
}

# The version that link, override and index all name; the case ends if they don't agree. For the cases that
# can't know beforehand which of two it is.
agreed_version() {
        local directory
        directory=$(dirname "$(link_of "$1")")
        directory=${directory#../}
        [ "$(override_of "$1") $(resolved "$1")" = "$directory $directory/$1.ko" ] ||
                fail "link ($directory), override ($(override_of "$1")) and index ($(resolved "$1")) of $1 disagree"
        basename "$directory"
}

# "yes" once no job waits or runs.
settled() {
        local jobs
        jobs=$(busctl call "$bus_name" "$bus_root" "$bus_name.Manager" ListJobs) || return 0
        [ "$jobs" != "a(uosss) 0" ] || echo yes
}

# remember NAME VALUE, recall NAME: over a reboot.
remember() {
        echo "$2" > "/var/lib/hdvm/$1"
        sync
}

recall() {
        cat "/var/lib/hdvm/$1"
}

# as USER COMMAND…: with no more rights than that user's.
as() {
        runuser -u "$1" -- "${@:2}"
}
