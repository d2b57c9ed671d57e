// SPDX-License-Identifier: Apache-2.0
// precentral case import: an exported case's folder, or old records from a table.
#include <cstdio>
#include <memory>

#include "data/case_folder.h"
#include "data/error.h"
#include "data/hash.h"
#include "data/import_mapping.h"
#include "data/text_file.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

struct ImportArguments {
    std::string store = "precentral.db";
    std::string folder, csv, mapping, override_by, override_reason;
    bool dry_run = false;
    bool skip_bad = false;
    bool fields = false;
    bool json = false;
};

void print(const nlohmann::json& out) {
    std::printf("%s\n", out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

void import_folder(const ImportArguments& a) {
    const std::filesystem::path given = a.folder;
    const auto file = std::filesystem::is_directory(given) ? given / kCaseRecordFile : given;
    const std::string text = read_text_file(file.string(), std::size_t{2} << 30);
    // Rehearsed in memory: what cannot be read does not make a store.
    const auto memory = open_store(":memory:");
    CaseImported done = import_case_record(*memory, file.string(), text);
    if (!a.dry_run) done = import_case_record(*open_store(a.store), file.string(), text);
    if (a.json) {
        print({{"code", done.case_code}, {"records", done.records}, {"dry_run", a.dry_run}, {"store", a.store}});
        return;
    }
    std::printf("%s%s:", done.case_code.c_str(), a.dry_run ? " would be imported" : "");
    for (const auto& [table, n] : done.records) std::printf(" %d %s", n, table.c_str());
    std::printf("\n");
}

nlohmann::json to_json(const std::vector<ImportRemark>& remarks) {
    nlohmann::json out = nlohmann::json::array();
    for (const ImportRemark& one : remarks) {
        out.push_back({{"row", one.row}, {"column", one.column}, {"value", one.value}, {"reason", one.reason}});
    }
    return out;
}

void print_remarks(const char* what, const std::vector<ImportRemark>& remarks) {
    for (const ImportRemark& one : remarks) {
        std::printf("%s row %d%s%s%s%s: %s\n", what, one.row, one.column.empty() ? "" : ", column ", one.column.c_str(),
                    one.value.empty() ? "" : ", ", one.value.empty() ? "" : ("\"" + one.value + "\"").c_str(),
                    one.reason.c_str());
    }
}

nlohmann::json preview(const ImportPlan& plan) {
    nlohmann::json out = nlohmann::json::array();
    for (const ImportedCase& one : plan.cases) {
        nlohmann::json visits = nlohmann::json::array();
        for (const ImportedVisit& visit : one.visits) {
            nlohmann::json row{{"row", visit.row},
                               {"visit", visit.session.visit},
                               {"started", to_iso8601(visit.session.started)},
                               {"side", to_word(visit.session.target_side)}};
            if (visit.threshold) row["rmt_mso"] = visit.threshold->rmt_mso;
            if (visit.outcome && visit.outcome->relief_percent) row["relief_percent"] = *visit.outcome->relief_percent;
            visits.push_back(row);
        }
        out.push_back({{"key", one.key},
                       {"pain", std::string(to_word(one.patient.pain_side)) + " " + one.patient.pain_region},
                       {"aetiology", one.patient.aetiology},
                       {"visits", visits}});
    }
    return out;
}

void import_table(const ImportArguments& a) {
    const std::string table = read_text_file(a.csv);
    ImportRules rules;
    rules.now = utc_now();
    rules.by = RailOverride{a.override_by, a.override_reason};
    const ImportPlan plan = plan_import(a.csv, table, a.mapping, read_text_file(a.mapping), rules);
    const bool refused = !plan.rejected.empty() && !a.skip_bad;
    std::map<std::string, std::string> codes;
    const bool write = !a.dry_run && !refused && !plan.cases.empty();
    if (write) {
        const std::string source = "a table with SHA-256 " + sha256_of(table).substr(0, 16);
        codes = write_import(*open_store(a.store), plan, source, rules.now);
    }
    if (a.json) {
        print({{"dry_run", a.dry_run},
               {"written", write},
               {"rows", plan.rows},
               {"cases", preview(plan)},
               {"visits", plan.visits()},
               {"rejected", to_json(plan.rejected)},
               {"warnings", to_json(plan.warnings)},
               {"columns_not_taken", plan.columns_not_taken},
               {"codes", codes}});
    } else {
        for (const ImportedCase& one : plan.cases) {
            const auto code = codes.find(one.key);
            std::printf("%s  %s %s, %s: %zu visits%s%s\n", one.key.c_str(), to_word(one.patient.pain_side),
                        one.patient.pain_region.c_str(), one.patient.aetiology.c_str(), one.visits.size(),
                        code == codes.end() ? "" : "  -> ", code == codes.end() ? "" : code->second.c_str());
        }
        print_remarks("warning ", plan.warnings);
        print_remarks("rejected", plan.rejected);
        for (const std::string& column : plan.columns_not_taken) std::printf("not taken: column %s\n", column.c_str());
        std::printf("%d rows: %zu cases and %d visits %s, %zu rejected\n", plan.rows, plan.cases.size(), plan.visits(),
                    write ? "written" : "would be written", plan.rejected.size());
        if (write) std::printf("Keep the pairs of key and code apart from the record: precentral vault add --help\n");
    }
    if (refused) {
        throw InputError(std::to_string(plan.rejected.size()) + " cells or rows of " + a.csv +
                         " are rejected, so nothing was written; correct them, or leave them out with --skip-bad.");
    }
}

void run_import(const ImportArguments& a) {
    if (a.fields) {
        for (const ImportField& field : import_fields()) std::printf("%-28s %s\n", field.name, field.about);
        return;
    }
    if (a.csv.empty() == a.folder.empty()) {
        throw InputError("Give either the FOLDER of an exported case, or --csv FILE with --mapping MAP.json.");
    }
    if (!a.csv.empty() && a.mapping.empty()) {
        throw InputError("--csv needs --mapping MAP.json; precentral case import --fields lists what can be mapped.");
    }
    if (a.csv.empty()) {
        import_folder(a);
    } else {
        import_table(a);
    }
}

}  // namespace

void add_case_import(CLI::App& group) {
    auto a = std::make_shared<ImportArguments>();
    CLI::App* command = group.add_subcommand(
        "import", "Take in an exported case's folder, or old records from a CSV (REDCap, spreadsheet) with a mapping");
    command->add_option("FOLDER", a->folder, "What precentral case export wrote");
    command->add_option("--csv", a->csv, "A table, one row a visit or a patient");
    command->add_option("--mapping", a->mapping, "JSON: which column is which field, in which units");
    command->add_flag("--fields", a->fields, "List the fields that can be mapped, with units and ranges");
    command->add_flag("--dry-run", a->dry_run, "Show what would be written and every rejected cell; write nothing");
    command->add_flag("--skip-bad", a->skip_bad, "Leave out the rows with a rejected cell instead of writing nothing");
    command->add_option("--override-by", a->override_by, "Who takes a target on the side of the pain upon them");
    command->add_option("--override-reason", a->override_reason, "Why");
    command->add_option("--store", a->store, "File or postgresql://user@host:port/database")
        ->envname("PRECENTRAL_STORE")
        ->capture_default_str();
    command->add_flag("--json", a->json);
    command->footer(
        "Example: precentral case import --csv redcap.csv --mapping map.json --dry-run\n"
        "         map.json: {\"dates\": \"YMD\", \"fields\": {\"case.key\": \"record_id\", \"case.pain_side\":\n"
        "           {\"column\": \"side\", \"values\": {\"1\": \"left\", \"2\": \"right\"}}, …}}");
    command->callback([a] { run_import(*a); });
}

}  // namespace precentral::cli
