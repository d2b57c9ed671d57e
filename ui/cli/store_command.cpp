// SPDX-License-Identifier: Apache-2.0
// precentral store check | backup | restore | migrate: the record as a whole.
#include <cstdio>
#include <memory>

#include "data/error.h"
#include "data/schema.h"
#include "data/store_backup.h"
#include "data/store_check.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

struct StoreArguments {
    std::string store = "precentral-demo/precentral.db";
    std::string file;
    bool json = false;
};

void add_store_option(CLI::App* command, const std::shared_ptr<StoreArguments>& a) {
    command->add_option("--store", a->store, "File or postgresql://user@host:port/database")
        ->envname("PRECENTRAL_STORE")
        ->capture_default_str();
    command->add_flag("--json", a->json);
}

void print(const StoreCheck& check, const std::string& place, bool json) {
    if (json) {
        const nlohmann::json out{{"ok", check.ok()},
                                 {"problems", check.problems},
                                 {"rows", check.rows},
                                 {"entries", check.entries},
                                 {"last_sha256", check.last_sha256}};
        std::printf("%s\n", out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
        return;
    }
    for (const std::string& problem : check.problems) std::printf("%s\n", problem.c_str());
    if (!check.ok()) return;
    std::printf(
        "%s: %zu rows and %zu audit entries are as they were written.\n"
        "Last entry %s; noted elsewhere, it shows later that none was taken off the end.\n",
        place.c_str(), check.rows, check.entries, check.last_sha256.c_str());
}

// An opened store migrates by itself; this does it at a time of one's own choosing, and says what was done.
void migrate(const StoreArguments& a) {
    const MigrationDone done = migrate_store(a.store);
    const StoreCheck found = check_store(a.store, terminal_progress());
    if (a.json) {
        const nlohmann::json out{{"from", done.from},     {"to", done.to},    {"migrated", done.from != done.to},
                                 {"backup", done.backup}, {"ok", found.ok()}, {"problems", found.problems}};
        std::printf("%s\n", out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    } else if (done.from == done.to) {
        std::printf("%s: schema %d is the newest; nothing to do.\n", a.store.c_str(), done.to);
    } else {
        std::printf("%s: from schema %d to schema %d; before, it was kept as %s.\n", a.store.c_str(), done.from,
                    done.to, done.backup.c_str());
    }
    if (!found.ok()) throw Error("The store is not what was written into it: " + found.problems.front());
}

}  // namespace

void add_store(CLI::App& app) {
    auto a = std::make_shared<StoreArguments>();
    CLI::App* group = app.add_subcommand("store", "The record as a whole: check, back up, restore, migrate");
    group->require_subcommand(1);
    CLI::App* check = group->add_subcommand("check", "Whether every row is as it was written; exit 1 when not");
    add_store_option(check, a);
    check->callback([a] {
        const StoreCheck found = check_store(a->store, terminal_progress());
        print(found, a->store, a->json);
        if (!found.ok()) throw Error("The store is not what was written into it. Put it aside; restore a backup.");
    });
    CLI::App* backup = group->add_subcommand("backup", "Copy the record into a file, also while it is written to");
    backup->add_option("FILE", a->file, "The new file")->required();
    add_store_option(backup, a);
    backup->callback([a] { print(back_up_store(a->store, a->file, terminal_progress()), a->file, a->json); });
    CLI::App* restore = group->add_subcommand("restore", "Make a record from a backup, and read it back");
    restore->add_option("FILE", a->file, "The backup")->required();
    add_store_option(restore, a);
    restore->footer("Example: precentral store restore backup.db --store restored.db");
    CLI::App* forward = group->add_subcommand(
        "migrate", "Bring the record of an older version up to this one, after a backup; says from which to which");
    add_store_option(forward, a);
    forward->footer("Example: precentral store migrate --store old.db --json");
    forward->callback([a] { migrate(*a); });
    restore->callback([a] { print(restore_store(a->file, a->store, terminal_progress()), a->store, a->json); });
}

}  // namespace precentral::cli
