# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2154
# A bus, a polkitd and a hostdriverd of one's own, in a mount namespace that hides them from the machine. Sourced,
# after common.sh (project_root), inside such a namespace (unshare --mount) and as root.

sandbox_operator=hostdriver-try-operator
sandbox_operator_uid=64901
sandbox_operators=hostdriver-operators
sandbox_operators_gid=64903
# By crypt(5).
# shellcheck disable=SC2034 # for who sources this
sandbox_password=sesame
# shellcheck disable=SC2016 # no variables
sandbox_password_hash='$5$rounds=1000$UGMg30/sk/yskZJ/$yA6xFvrbB/kCsyW.IC8JqT3YPVOYLhgKOYxLwpGNbU5'
sandbox_pids=()

# sandbox_enter DIRECTORY: polkit's actions and rules, and the users, are from now on those of DIRECTORY.
sandbox_enter() {
        sandbox=$1
        mkdir -p "$sandbox/actions" "$sandbox/rules" "$sandbox/empty"
        chmod 755 "$sandbox"/{actions,rules,empty}
        cp /usr/share/polkit-1/actions/* "$sandbox/actions/"
        # Over that of an installed hostdriver.
        cp -f "$project_root/policy/org.hostdriver1.policy" "$sandbox/actions/"
        cp "$project_root/policy/50-hostdriver-operators.rules" "$sandbox/rules/"
        printf 'polkit.addAdminRule(function (action, subject) { return ["unix-user:%s"]; });\n' "$sandbox_operator" \
                >"$sandbox/rules/40-administrators.rules"
        cp /etc/passwd /etc/group "$sandbox/"
        printf '%s:x:%s:%s::/nonexistent:/bin/false\n' "$sandbox_operator" "$sandbox_operator_uid" \
                "$sandbox_operators_gid" >>"$sandbox/passwd"
        printf '%s:x:%s:%s\n' "$sandbox_operators" "$sandbox_operators_gid" "$sandbox_operator" >>"$sandbox/group"
        # Nobody else's password comes with it.
        (umask 077 && printf '%s:%s:19000:0:99999:7:::\n' "$sandbox_operator" "$sandbox_password_hash" \
                >"$sandbox/shadow")
        mount --bind "$sandbox/shadow" /etc/shadow
        mount --bind "$sandbox/actions" /usr/share/polkit-1/actions
        mount --bind "$sandbox/rules" /etc/polkit-1/rules.d
        mount --bind "$sandbox/empty" /usr/share/polkit-1/rules.d
        mount --bind "$sandbox/passwd" /etc/passwd
        mount --bind "$sandbox/group" /etc/group
}

# sandbox_start NAME COMMAND…: in the background, its output in NAME.log.
sandbox_start() {
        local name=$1
        shift
        "$@" >"$sandbox/$name.log" 2>&1 </dev/null &
        sandbox_pids=("$!" "${sandbox_pids[@]}")
}

# sandbox_wait_name NAME LOG: until NAME is on the bus; shows the log if that takes more than ten seconds.
sandbox_wait_name() {
        local tries=100
        until dbus-send --bus="$DBUS_SYSTEM_BUS_ADDRESS" --print-reply=literal --dest=org.freedesktop.DBus / \
                org.freedesktop.DBus.NameHasOwner "string:$1" 2>/dev/null | grep -q true; do
                tries=$((tries - 1))
                if [ "$tries" -eq 0 ]; then
                        complain "$1 doesn't come up:"
                        cat "$sandbox/$2.log" >&2
                        return 1
                fi
                sleep 0.1
        done
}

# sandbox_start_bus: a bus with the rules of a system bus, and ours.
sandbox_start_bus() {
        cat >"$sandbox/bus.conf" <<END
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=$sandbox/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"/>
    <allow send_destination="org.freedesktop.PolicyKit1"/>
  </policy>
  <policy user="polkitd">
    <allow own="org.freedesktop.PolicyKit1"/>
    <allow send_interface="org.freedesktop.PolicyKit1.AuthenticationAgent"/>
  </policy>
  <include>$project_root/policy/org.hostdriver1.conf</include>
</busconfig>
END
        export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$sandbox/bus
        # What checks a password is setuid, takes no address from its environment, and looks here.
        mount -t tmpfs -o mode=755 none /run
        mkdir /run/dbus
        ln -s "$sandbox/bus" /run/dbus/system_bus_socket
        sandbox_start bus dbus-daemon --config-file="$sandbox/bus.conf" --nofork --nopidfile
        sandbox_wait_name org.freedesktop.DBus bus
}

sandbox_start_polkit() {
        sandbox_start polkitd /usr/lib/polkit-1/polkitd --no-debug
        sandbox_wait_name org.freedesktop.PolicyKit1 polkitd
}

# sandbox_start_service PROGRAM ROOT KERNEL
sandbox_start_service() {
        sandbox_start hostdriverd "$1" --root="$2" --kernel="$3"
        sandbox_wait_name org.hostdriver1 hostdriverd
}

# sandbox_command_as USER: the words that make a command one of that user of the sandbox, one a line.
sandbox_command_as() {
        printf '%s\n' setpriv --reuid "$1" --regid "$(id -g "$1")" --init-groups --
}

# sandbox_stop: what was started last ends first. Fails if the service didn't end well.
sandbox_stop() {
        local pid status result=0
        for pid in "${sandbox_pids[@]}"; do
                status=0
                kill "$pid" 2>/dev/null || true
                wait "$pid" 2>/dev/null || status=$?
                [ "$pid" != "${sandbox_service_pid:-}" ] || result=$status
        done
        sandbox_pids=()
        return "$result"
}
