/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads what sysfs, securityfs, efivarfs and /proc/keys say of module signatures. */

#include "host/kernel/signature-policy.h"

#include <errno.h>
#include <string.h>

#include "util/exhausted.h"

#define ENFORCE_PATH "/sys/module/module/parameters/sig_enforce"
#define LOCKDOWN_PATH "/sys/kernel/security/lockdown"
#define SECURE_BOOT_PATH "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define KEYS_PATH "/proc/keys"
#define SIZE_MAX_READ (4U * 1024 * 1024)

/* The content of a file; *ret stays NULL if it isn't there. 0, or an error of exhausted(). */
static int read_optional(const HostRoot *root, const char *path, char **ret, size_t *ret_size)
{
        int r = host_root_read(root, path, SIZE_MAX_READ, ret, ret_size);

        return exhausted(r) ? r : 0;
}

static int read_enforcement(const HostRoot *root, SignaturePolicy *policy)
{
        char *enforce CLEANUP_FREE = NULL, *lockdown CLEANUP_FREE = NULL;
        size_t size;
        int r = read_optional(root, ENFORCE_PATH, &enforce, &size);

        if (r >= 0)
                r = read_optional(root, LOCKDOWN_PATH, &lockdown, &size);
        if (r < 0)
                return r;
        /* "none [integrity] confidentiality": the brackets say which it is. */
        policy->is_enforced = (enforce && (enforce[0] == 'Y' || enforce[0] == '1')) ||
                              (lockdown && strchr(lockdown, '[') && !strstr(lockdown, "[none]"));
        return 0;
}

/* Four bytes of attributes, then the value (UEFI specification, section 3.3). */
static int read_secure_boot(const HostRoot *root, SignaturePolicy *policy)
{
        char *variable CLEANUP_FREE = NULL;
        size_t size = 0;
        int r = read_optional(root, SECURE_BOOT_PATH, &variable, &size);

        policy->secure_boot = r >= 0 && variable && size == 5 && variable[4] == 1;
        return r;
}

/* "OWNER: HEXID: X509.rsa …" begins with the owner: "NAME" or "ORGANIZATION: NAME"
 * (x509_fabricate_name() in the kernel's crypto/asymmetric_keys). Signatures tell the name alone. */
static int take_key(SignaturePolicy *policy, char *description)
{
        static const char hex[] = "0123456789abcdef";
        char *colon = description;

        while ((colon = strstr(colon, ": "))) {
                size_t digits = strspn(colon + 2, hex);
                char *name;

                if (digits < 8 || colon[2 + digits] != ':') {
                        colon += 2;
                        continue;
                }
                *colon = '\0';
                name = strstr(description, ": ");
                if (string_set_add(&policy->keys, description) < 0 ||
                                (name && string_set_add(&policy->keys, name + 2) < 0))
                        return -ENOMEM;
                return 0;
        }
        return 0;
}

static int read_keys(const HostRoot *root, SignaturePolicy *policy)
{
        static const char type[] = " asymmetri "; /* "asymmetric", as far as its column goes */
        char *text CLEANUP_FREE = NULL, *rest;
        size_t size;
        int r = read_optional(root, KEYS_PATH, &text, &size);

        for (rest = text; rest && r >= 0;) {
                char *line = strsep(&rest, "\n");
                char *place = strstr(line, type);

                if (place)
                        r = take_key(policy, place + strlen(type));
        }
        policy->keys_known = policy->keys.count > 0;
        return r;
}

int signature_policy_read(const HostRoot *root, SignaturePolicy *ret)
{
        SignaturePolicy policy = { 0 };
        int r = read_enforcement(root, &policy);

        if (r >= 0)
                r = read_secure_boot(root, &policy);
        if (r >= 0)
                r = read_keys(root, &policy);
        if (r < 0) {
                signature_policy_done(&policy);
                return r;
        }
        *ret = policy;
        return 0;
}

void signature_policy_done(SignaturePolicy *policy)
{
        string_set_done(&policy->keys);
}
