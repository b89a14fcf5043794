/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The preflight's findings from facts alone. */

#include <elf.h>
#include <errno.h>
#include <glib.h>
#include <string.h>

#include "host/module/module-assemble.h"
#include "host/module/module-read.h"
#include "model/preflight.h"
#include "module-writer.h"

typedef struct Fixture {
        CatalogueFile file;
        ModuleFile *reference;
        PreflightFacts facts;
        SignaturePolicy signatures;
        SymbolFindings symbols;
        ProblemList problems;
} Fixture;

static const ModuleSpec sound = { .name = "dell_laptop", .vermagic = MODULE_WRITER_VERMAGIC };

static ModuleFile *module_file(const ModuleSpec *spec)
{
        g_autofree uint8_t *image = NULL;
        ModuleFile *file = NULL;
        size_t size;

        module_writer_image(spec, &image, &size);
        g_assert_cmpint(module_file_parse(image, size, &file), ==, 0);
        return file;
}

static void set_up(Fixture *fixture, gconstpointer data)
{
        const ModuleSpec other = { .name = "other", .vermagic = MODULE_WRITER_VERMAGIC };

        fixture->reference = module_file(&other);
        fixture->file = (CatalogueFile){
                .module = (char *) "dell_laptop",
                .path = (char *) "xenserver/dell/1/dell-laptop.ko",
                .file = module_file(&sound),
        };
        fixture->facts = (PreflightFacts){
                .release = "6.1.0",
                .file = &fixture->file,
                .reference = fixture->reference,
                .signatures = &fixture->signatures,
                .symbols = &fixture->symbols,
        };
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        problem_list_done(&fixture->problems);
        string_set_done(&fixture->signatures.keys);
        string_set_done(&fixture->symbols.missing);
        string_set_done(&fixture->symbols.changed);
        string_set_done(&fixture->symbols.gpl_only);
        string_set_done(&fixture->symbols.foreign);
        string_set_done(&fixture->facts.missing_dependencies);
        string_set_done(&fixture->facts.missing_firmware);
        (void) module_file_unref(fixture->file.file);
        (void) module_file_unref(fixture->reference);
}

static void use(Fixture *fixture, const ModuleSpec *spec)
{
        (void) module_file_unref(fixture->file.file);
        fixture->file.file = module_file(spec);
}

/* Nothing is found, if CODE is NULL; else just that, with a sentence that holds WORD. */
static void assert_found(Fixture *fixture, Severity severity, const char *code, const char *word)
{
        problem_list_done(&fixture->problems);
        g_assert_cmpint(preflight_find(&fixture->facts, &fixture->problems), ==, 0);
        if (!code) {
                g_assert_cmpuint(fixture->problems.count, ==, 0);
                return;
        }
        g_assert_cmpuint(fixture->problems.count, ==, 1);
        g_assert_cmpstr(fixture->problems.items[0].code, ==, code);
        g_assert_cmpint(fixture->problems.items[0].severity, ==, severity);
        g_assert_nonnull(strstr(fixture->problems.items[0].sentence, word));
        g_assert_true(g_str_has_suffix(fixture->problems.items[0].sentence, "."));
}

static void test_sound(Fixture *fixture, gconstpointer data)
{
        assert_found(fixture, SEVERITY_INFO, NULL, NULL);
        fixture->facts = (PreflightFacts){ .release = "6.1.0", .file = &fixture->file };
        assert_found(fixture, SEVERITY_INFO, NULL, NULL);
}

static void test_defects(Fixture *fixture, gconstpointer data)
{
        static const struct {
                ModuleDefect defect;
                int error;
                const char *code;
                const char *word;
        } rows[] = {
                { MODULE_NOT_REGULAR, 0, "not-regular", "is not a regular file" },
                { MODULE_UNREADABLE, -EACCES, "unreadable", "Permission denied" },
                { MODULE_TOO_LARGE, 0, "unreadable", "256 MiB" },
                { MODULE_NOT_A_MODULE, 0, "not-a-module", "xenserver/dell/1/dell-laptop.ko" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                (void) module_file_unref(fixture->file.file);
                g_assert_cmpint(module_file_new_defective(
                                                rows[i].defect, rows[i].error, &fixture->file.file),
                                ==, 0);
                assert_found(fixture, SEVERITY_ERROR, rows[i].code, rows[i].word);
        }
}

static void test_architecture(Fixture *fixture, gconstpointer data)
{
        ModuleSpec spec = sound;

        spec.machine = EM_S390;
        use(fixture, &spec);
        assert_found(fixture, SEVERITY_ERROR, "wrong-architecture", "built for s390");
        spec = sound;
        spec.elf_class = ELFCLASS32;
        use(fixture, &spec);
        assert_found(fixture, SEVERITY_ERROR, "wrong-architecture", "32-bit");
        fixture->facts.reference = NULL;
        assert_found(fixture, SEVERITY_INFO, NULL, NULL);
}

static void test_vermagic_rule(void)
{
        static const struct {
                const char *module;
                const char *kernel;
                bool compatible;
        } rows[] = {
                { "6.1.0 SMP mod_unload ", "6.1.0 SMP mod_unload ", true },
                { "6.1.1 SMP mod_unload ", "6.1.0 SMP mod_unload ", false },
                { "6.1.1 SMP mod_unload modversions ", "6.1.0 SMP mod_unload modversions ", true },
                { "6.1.1 SMP modversions ", "6.1.0 SMP mod_unload modversions ", false },
                { "6.1.0 SMP modversions ", "6.1.0 SMP ", false },
                { "6.1.1 SMP modversions", "6.1.0 SMP modversions", true },
                { "6.1.1 SMP modversionsx ", "6.1.0 SMP modversionsx ", false },
                { "", "6.1.0 SMP ", false },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                g_assert_cmpint(vermagic_is_compatible(rows[i].module, rows[i].kernel), ==,
                                rows[i].compatible);
}

static void test_vermagic(Fixture *fixture, gconstpointer data)
{
        ModuleSpec spec = sound;

        spec.vermagic = "6.1.0 mod_unload modversions ";
        use(fixture, &spec);
        assert_found(fixture, SEVERITY_ERROR, "vermagic-mismatch", "\"6.1.0 mod_unload modversions \"");
        /* Without a file of that kernel only the release can be compared. */
        fixture->facts.reference = NULL;
        assert_found(fixture, SEVERITY_INFO, NULL, NULL);
        spec.vermagic = "6.1.0-1 SMP ";
        use(fixture, &spec);
        assert_found(fixture, SEVERITY_ERROR, "vermagic-mismatch", "\"6.1.0-1\"");
        spec.vermagic = "6.1.0";
        use(fixture, &spec);
        assert_found(fixture, SEVERITY_INFO, NULL, NULL);
}

static void test_name(Fixture *fixture, gconstpointer data)
{
        ModuleSpec spec = sound;

        spec.name = "dell-laptop"; /* older kernels write it so */
        use(fixture, &spec);
        assert_found(fixture, SEVERITY_INFO, NULL, NULL);
        spec.name = "dell_laptop2";
        use(fixture, &spec);
        assert_found(fixture, SEVERITY_ERROR, "name-mismatch", "dell_laptop2");
        spec.name = "";
        use(fixture, &spec);
        assert_found(fixture, SEVERITY_INFO, NULL, NULL);
}

static void add(StringSet *set, const char *items)
{
        g_auto(GStrv) names = g_strsplit(items, " ", -1);

        for (char **name = names; *name; name++)
                g_assert_cmpint(string_set_add(set, *name), >=, 0);
}

static void test_symbols(Fixture *fixture, gconstpointer data)
{
        fixture->symbols.needs_any = true;
        assert_found(fixture, SEVERITY_INFO, "symbols-unchecked", "6.1.0");
        fixture->symbols.source = (char *) "/boot/System.map-6.1.0";
        assert_found(fixture, SEVERITY_INFO, NULL, NULL);
        fixture->symbols.crcs_unchecked = true;
        assert_found(fixture, SEVERITY_INFO, "symbols-unchecked", "/boot/System.map-6.1.0");
        fixture->symbols.crcs_unchecked = false;
        add(&fixture->symbols.missing, "a b c d e f");
        assert_found(fixture, SEVERITY_ERROR, "symbol-missing", "a, b, c, d and 2 more");
        string_set_done(&fixture->symbols.missing);
        add(&fixture->symbols.changed, "module_layout");
        assert_found(fixture, SEVERITY_ERROR, "symbol-crc-mismatch", "module_layout");
}

static void test_lists(Fixture *fixture, gconstpointer data)
{
        add(&fixture->facts.missing_dependencies, "irdma");
        assert_found(fixture, SEVERITY_ERROR, "dependency-missing", "irdma");
        string_set_done(&fixture->facts.missing_dependencies);
        add(&fixture->facts.missing_firmware, "a/b.bin c.bin");
        assert_found(fixture, SEVERITY_WARNING, "firmware-missing", "a/b.bin, c.bin");
}

static void test_signature(Fixture *fixture, gconstpointer data)
{
        ModuleFile *unsigned_file = fixture->file.file, with_signer;

        fixture->signatures.secure_boot = true;
        assert_found(fixture, SEVERITY_WARNING, "not-signed", "Secure Boot");
        fixture->signatures.is_enforced = true;
        assert_found(fixture, SEVERITY_ERROR, "not-signed", "is not signed");
        with_signer = *fixture->file.file;
        with_signer.is_signed = true;
        with_signer.signer = "Vendor";
        fixture->file.file = &with_signer;
        assert_found(fixture, SEVERITY_INFO, NULL, NULL); /* nobody knows the keys */
        fixture->signatures.keys_known = true;
        add(&fixture->signatures.keys, "Kernel");
        assert_found(fixture, SEVERITY_WARNING, "signer-unknown", "\"Vendor\"");
        add(&fixture->signatures.keys, "Vendor");
        assert_found(fixture, SEVERITY_INFO, NULL, NULL);
        fixture->signatures.is_enforced = false;
        string_set_done(&fixture->signatures.keys);
        assert_found(fixture, SEVERITY_INFO, NULL, NULL);
        fixture->file.file = unsigned_file;
}

#define ADD(name, function) g_test_add("/preflight/" name, Fixture, NULL, set_up, function, tear_down)

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        ADD("sound", test_sound);
        ADD("defects", test_defects);
        ADD("architecture", test_architecture);
        g_test_add_func("/preflight/vermagic-rule", test_vermagic_rule);
        ADD("vermagic", test_vermagic);
        ADD("name", test_name);
        ADD("symbols", test_symbols);
        ADD("lists", test_lists);
        ADD("signature", test_signature);
        return g_test_run();
}
