/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parses the daemon's command line. It does nothing else. */

#include "arguments.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>

static void print_help(void)
{
        (void) printf("hostdriverd [OPTIONS…]\n"
                      "\n"
                      "Manages several versions of kernel drivers, on D-Bus.\n"
                      "\n"
                      "      --root=DIR        Take DIR as the host's root directory\n"
                      "      --kernel=RELEASE  Take RELEASE as the running kernel\n"
                      "      --exit-on-idle    Exit when there was nothing to do for a while\n"
                      "      --recover         Deal with interrupted changes, without a bus, and exit\n"
                      "      --offline         Serve one program, without a bus: for hostdriverctl --root\n"
                      "  -h, --help            Show this help\n"
                      "      --version         Show the version\n"
                      "\n"
                      "The bus is the one in $DBUS_SYSTEM_BUS_ADDRESS, else the system bus.\n"
                      "See the hostdriverd(8) man page for details.\n");
}

int arguments_parse(int argc, char *argv[], Arguments *ret)
{
        enum {
                OPTION_ROOT = 0x100,
                OPTION_KERNEL,
                OPTION_EXIT_ON_IDLE,
                OPTION_RECOVER,
                OPTION_OFFLINE,
                OPTION_VERSION
        };
        static const struct option options[] = {
                { "root", required_argument, NULL, OPTION_ROOT },
                { "kernel", required_argument, NULL, OPTION_KERNEL },
                { "exit-on-idle", no_argument, NULL, OPTION_EXIT_ON_IDLE },
                { "recover", no_argument, NULL, OPTION_RECOVER },
                { "offline", no_argument, NULL, OPTION_OFFLINE },
                { "help", no_argument, NULL, 'h' },
                { "version", no_argument, NULL, OPTION_VERSION },
                { 0 },
        };
        Arguments arguments = { .root = "/" };
        int option;

        while ((option = getopt_long(argc, argv, "h", options, NULL)) >= 0)
                switch (option) {
                case OPTION_ROOT:
                        arguments.root = optarg;
                        break;
                case OPTION_KERNEL:
                        arguments.kernel = optarg;
                        break;
                case OPTION_EXIT_ON_IDLE:
                        arguments.exit_on_idle = true;
                        break;
                case OPTION_RECOVER:
                        arguments.recover = true;
                        break;
                case OPTION_OFFLINE:
                        arguments.offline = true;
                        break;
                case OPTION_VERSION:
                        (void) printf("hostdriverd %s\n", PROJECT_VERSION);
                        return 0;
                case 'h':
                        print_help();
                        return 0;
                default:
                        return -EINVAL; /* getopt has said why */
                }
        if (optind < argc) {
                (void) fprintf(stderr, "hostdriverd: '%s' is one argument too many.\n", argv[optind]);
                return -EINVAL;
        }
        *ret = arguments;
        return 1;
}
