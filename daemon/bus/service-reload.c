/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The configuration read anew: all of it or nothing. Whoever reads a value reads it from the service, so
 * that new ones hold for what follows. */

#include <errno.h>
#include <string.h>

#include "bus/service.h"
#include "util/log.h"

#define KEPT                                                                                                  \
        "The configuration holds something that isn't understood, so that none of it was taken over and the " \
        "settings of before stay. Correct it, then run `systemctl reload hostdriverd`."

static int take_over(Service *service, Config *config)
{
        StringSet sentences CLEANUP_STRING_SET = { 0 };
        bool broken = config->warnings.count > 0;
        Config before = service->config;
        int r = string_set_add_all(&sentences, &config->warnings);

        if (r >= 0 && broken)
                r = string_set_add(&sentences, KEPT);
        if (r >= 0)
                r = registry_replace_problems(service->registry, "config", &sentences);
        if (r < 0 || broken)
                return r < 0 ? r : 0;
        service->config = *config;
        *config = before;
        /* Other trees have other directories. */
        if (service->watch)
                watch_renew(service->watch);
        return 0;
}

void service_reload(Service *service)
{
        Config config;
        int r = config_read(service->root, &config);

        if (r >= 0) {
                r = take_over(service, &config);
                config_done(&config);
        }
        if (r < 0)
                log_error("The configuration can't be read anew: %s. It stays as it was.", strerror(-r));
        (void) service_refresh(service);
}
