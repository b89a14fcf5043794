/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hostdriverctl: reads the options, finds the verb and runs it. What the verbs do is in verb-*.c. */

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "help.h"
#include "text.h"
#include "verbs.h"

static void setup_locale(void)
{
        (void) setlocale(LC_CTYPE, "");
        /* The bus speaks UTF-8; without this, wide characters would have no width in the C locale. */
        if (MB_CUR_MAX == 1)
                (void) setlocale(LC_CTYPE, "C.UTF-8");
}

static int unknown_verb(const char *name)
{
        const VerbRow *suggestion = verb_suggest(name);

        if (suggestion)
                return fail(STATUS_USAGE, "Unknown verb \"%s\". Did you mean \"%s\"?", name,
                                suggestion->name);
        return fail(STATUS_USAGE, "Unknown verb \"%s\". \"hostdriverctl --help\" lists them.", name);
}

static int check_arguments(const VerbRow *verb, char **arguments, size_t count)
{
        if (count < verb->arguments_min)
                return fail(STATUS_USAGE, "Too few arguments. Usage: hostdriverctl %s %s", verb->name,
                                verb->usage);
        if (count > verb->arguments_max)
                return fail(STATUS_USAGE, "\"%s\" is one argument too many. Usage: hostdriverctl %s%s%s",
                                arguments[verb->arguments_max], verb->name, *verb->usage ? " " : "",
                                verb->usage);
        for (size_t i = 0; i < count; i++) {
                if (!text_is_utf8(arguments[i]))
                        return fail(STATUS_USAGE, "\"%s\" isn't valid UTF-8.", arguments[i]);
                if (!*arguments[i])
                        return fail(STATUS_USAGE, "Argument %zu of %s is empty. Usage: hostdriverctl %s %s",
                                        i + 1, verb->name, verb->name, verb->usage);
        }
        return 0;
}

static int check_options(const VerbRow *verb, const Options *options)
{
        size_t count;
        const OptionRow *rows = option_rows(&count);

        for (size_t i = 0; i < count; i++)
                if (options->given & ~(verb->options | OPTIONS_OF_ALL) & rows[i].id)
                        return fail(STATUS_USAGE, "%s doesn't take --%s. See \"hostdriverctl %s --help\".",
                                        verb->name, rows[i].name, verb->name);
        if (options->host && options->machine)
                return fail(STATUS_USAGE, "--host and --machine exclude each other.");
        if (options->root && (options->host || options->machine))
                return fail(STATUS_USAGE, "--root is for this machine: it excludes --host and --machine.");
        return 0;
}

static int run_help(const Client *client, char **arguments, size_t count)
{
        const VerbRow *verb = NULL;

        if (count > 1)
                return fail(STATUS_USAGE,
                                "\"%s\" is one argument too many. Usage: hostdriverctl help [VERB]",
                                arguments[1]);
        if (count == 1 && strcmp(arguments[0], "help") != 0) {
                verb = verb_find(arguments[0]);
                if (!verb)
                        return unknown_verb(arguments[0]);
        }
        if (verb)
                help_print_verb(&client->terminal, verb);
        else
                help_print(&client->terminal);
        return STATUS_DONE;
}

static int run_verb(Client *client, const VerbRow *verb, char **arguments, size_t count)
{
        const Options *options = &client->options;
        int r = check_options(verb, options);

        if (r == 0)
                r = check_arguments(verb, arguments, count);
        if (r != 0)
                return r;
        client->use_pager = verb->pager && client->terminal.output && options->json == JSON_OFF &&
                            !(options->given & OPTION_NO_PAGER);
        client->needs_service = verb->needs_service ? verb->name : NULL;
        return verb->run(client, arguments, count);
}

static int run(Client *client)
{
        static char *default_verb[] = { (char *) "list", NULL };
        const Options *options = &client->options;
        char **words = options->argument_count > 0 ? options->arguments : default_verb;
        size_t count = options->argument_count > 0 ? options->argument_count - 1 : 0;
        const VerbRow *verb;

        if (options->given & OPTION_VERSION) {
                (void) puts("hostdriverctl " PROJECT_VERSION);
                return STATUS_DONE;
        }
        if (strcmp(words[0], "help") == 0)
                return run_help(client, words + 1, count);
        if (options->given & OPTION_HELP)
                return run_help(client, options->arguments, options->argument_count > 0 ? 1 : 0);
        verb = verb_find(words[0]);
        return verb ? run_verb(client, verb, words + 1, count) : unknown_verb(words[0]);
}

int main(int argc, char **argv)
{
        Client client = { 0 };
        int status;

        setup_locale();
        client.terminal = terminal_read();
        status = options_parse(argc, argv, &client.options);
        if (status == 0)
                status = run(&client);
        /* A full disk behind stdout is a failure, a pager that was quit is none. */
        if ((fflush(stdout) != 0 || ferror(stdout)) && client.pager.process == 0 && status == STATUS_DONE)
                status = fail(STATUS_FAILED, "Can't write all of the output.");
        polkit_agent_close(&client.agent);
        pager_close(&client.pager);
        connection_close(&client.connection);
        options_done(&client.options);
        return status;
}
