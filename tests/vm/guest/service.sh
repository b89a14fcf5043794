# SPDX-License-Identifier: LGPL-2.1-or-later
# What the service says, over the bus as any client would ask it. Sourced by the runner.
# shellcheck shell=bash

bus_name=org.hostdriver1
bus_root=/org/hostdriver1

driver_path() {
        busctl --json=short call "$bus_name" "$bus_root" "$bus_name.Manager" GetDriver s "$1" |
                sed -n 's/.*"data":\["\([^"]*\)"\].*/\1/p'
}

# property DRIVER NAME: a string or boolean without busctl's type and quotes; anything else as busctl writes it.
property() {
        busctl get-property "$bus_name" "$bus_root/driver/$1" "$bus_name.Driver" "$2" |
                sed -e 's/^b //' -e 's/^[so] "\(.*\)"$/\1/'
}

manager_property() {
        busctl get-property "$bus_name" "$bus_root" "$bus_name.Manager" "$1" |
                sed -e 's/^b //' -e 's/^[so] "\(.*\)"$/\1/'
}

service_pid() {
        systemctl show -P MainPID hostdriver.service
}
