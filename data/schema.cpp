// SPDX-License-Identifier: Apache-2.0
#include "data/schema.h"

#include <filesystem>
#include <span>

#include "data/audit.h"
#include "data/error.h"
#include "data/sqlite_copy.h"
#include "data/time.h"

namespace precentral {
namespace {

// Marks a SQLite file as ours ("PRCN"), beside user_version, the number of its schema.
constexpr std::int64_t kApplicationId = 0x5052434E;
// Any number, the same in every program that migrates a PostgreSQL store.
constexpr const char* kMigrationLock = "SELECT pg_advisory_xact_lock(1347568462)";

std::int64_t whole(const SqlValue& value) {
    const auto* number = std::get_if<std::int64_t>(&value);
    return number == nullptr ? 0 : *number;
}

// ---- What differs between the two databases, all of it here -------------------------------------------------------

const char* id_column(SqlEngine engine) {
    return engine == SqlEngine::sqlite ? "id INTEGER PRIMARY KEY AUTOINCREMENT"
                                       : "id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY";
}

// Facts are appended: the database itself refuses everything else, whoever asks.
std::vector<std::string> append_only(SqlEngine engine, const std::string& table, const std::string& key) {
    const std::string sentence = "Records of " + table + " are only added, never changed or removed; add a new one";
    if (engine == SqlEngine::postgresql) {
        return {"CREATE TRIGGER " + table + "_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON " + table +
                " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('" + sentence + "')"};
    }
    const std::string refuse = " BEGIN SELECT RAISE(ABORT, '" + sentence + "'); END";
    return {"CREATE TRIGGER " + table + "_no_update BEFORE UPDATE ON " + table + refuse,
            "CREATE TRIGGER " + table + "_no_delete BEFORE DELETE ON " + table + refuse,
            // INSERT OR REPLACE removes the old row without a word to the trigger above.
            "CREATE TRIGGER " + table + "_no_replace BEFORE INSERT ON " + table + " WHEN EXISTS (SELECT 1 FROM " +
                table + " WHERE " + key + " = NEW." + key + ")" + refuse};
}

void lock_for_migration(SqlConnection& connection) {
    if (connection.address().engine == SqlEngine::postgresql) connection.run(kMigrationLock);
}

void create_namespace(SqlConnection& connection) {
    if (connection.address().engine == SqlEngine::postgresql) {
        connection.run("CREATE SCHEMA IF NOT EXISTS precentral");
    }
}

void mark_as_ours(SqlConnection& connection, int version) {
    connection.run("PRAGMA user_version = " + std::to_string(version));
    connection.run("PRAGMA application_id = " + std::to_string(kApplicationId));
}

void note_version(SqlConnection& connection, const Migration& step) {
    connection.run("INSERT INTO schema_history (version, message, applied) VALUES (?, ?, ?)",
                   {std::int64_t{step.to_version}, std::string(step.message), to_iso8601(utc_now())});
    if (connection.address().engine == SqlEngine::sqlite) mark_as_ours(connection, step.to_version);
}

// ---- Version 1 ----------------------------------------------------------------------------------------------------

struct Table {
    const char* name;
    const char* columns;
    const char* key = "id";
};

constexpr Table kVersion1[] = {
    {"schema_history", "version INTEGER NOT NULL, message TEXT NOT NULL, applied TEXT NOT NULL"},
    {"cases", R"(code TEXT NOT NULL UNIQUE, pain_side TEXT NOT NULL CHECK (pain_side IN ('left', 'right')),
        pain_region TEXT NOT NULL, aetiology TEXT NOT NULL, worst_symptom TEXT NOT NULL, birth_year INTEGER,
        sex TEXT NOT NULL, simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)), created TEXT NOT NULL)",
     "code"},
    {"images", R"(case_code TEXT NOT NULL REFERENCES cases (code), content_sha256 TEXT NOT NULL, path TEXT NOT NULL,
        dims TEXT NOT NULL, spacing_mm TEXT NOT NULL, scan_from_voxel TEXT NOT NULL, added TEXT NOT NULL)"},
    {"sessions", R"(case_code TEXT NOT NULL REFERENCES cases (code), visit INTEGER NOT NULL,
        protocol_name TEXT NOT NULL, frequency_hz DOUBLE PRECISION, trains INTEGER NOT NULL,
        pulses_per_train INTEGER NOT NULL, pause_s DOUBLE PRECISION, intensity_percent_rmt DOUBLE PRECISION,
        target_side TEXT NOT NULL CHECK (target_side IN ('left', 'right')),
        simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)), started TEXT NOT NULL)"},
    {"registrations", R"(session BIGINT NOT NULL REFERENCES sessions (id), scan_from_head TEXT NOT NULL,
        rms_mm DOUBLE PRECISION, fiducials TEXT NOT NULL, surface_points INTEGER NOT NULL,
        predicted_rms_mm DOUBLE PRECISION, predicted_p95_mm DOUBLE PRECISION, predicted_angle_deg DOUBLE PRECISION,
        verdict TEXT NOT NULL, reasons TEXT NOT NULL, made TEXT NOT NULL)"},
    {"coil_calibrations", R"(session BIGINT NOT NULL REFERENCES sessions (id), coil_name TEXT NOT NULL,
        coil_body_from_coil TEXT NOT NULL, source TEXT NOT NULL, rms_mm DOUBLE PRECISION, made TEXT NOT NULL)"},
    {"targets", R"(session BIGINT NOT NULL REFERENCES sessions (id), name TEXT NOT NULL,
        side TEXT NOT NULL CHECK (side IN ('left', 'right')), cortex TEXT NOT NULL, scan_from_coil TEXT NOT NULL,
        cortex_mni TEXT, source TEXT NOT NULL, made TEXT NOT NULL)"},
    {"hotspots", R"(session BIGINT NOT NULL REFERENCES sessions (id), muscle TEXT NOT NULL, cortex TEXT NOT NULL,
        scan_from_coil TEXT NOT NULL, radius95_mm DOUBLE PRECISION, pulses INTEGER NOT NULL, method TEXT NOT NULL,
        made TEXT NOT NULL)"},
    {"thresholds", R"(session BIGINT NOT NULL REFERENCES sessions (id), muscle TEXT NOT NULL,
        rmt_mso DOUBLE PRECISION, low95_mso DOUBLE PRECISION, high95_mso DOUBLE PRECISION, pulses INTEGER NOT NULL,
        method TEXT NOT NULL, made TEXT NOT NULL)"},
    {"pulses", R"(session BIGINT NOT NULL REFERENCES sessions (id),
        purpose TEXT NOT NULL CHECK (purpose IN ('map', 'threshold', 'treat')), sequence INTEGER NOT NULL,
        train INTEGER NOT NULL, train_index INTEGER NOT NULL, time TEXT NOT NULL, device_time_s DOUBLE PRECISION,
        device_count BIGINT NOT NULL, intensity_mso DOUBLE PRECISION, registration BIGINT REFERENCES registrations (id),
        calibration BIGINT REFERENCES coil_calibrations (id), target BIGINT REFERENCES targets (id),
        tracker_from_head TEXT, tracker_from_coil_body TEXT, pose_age_ms DOUBLE PRECISION,
        valid INTEGER NOT NULL CHECK (valid IN (0, 1)), reason TEXT NOT NULL, scan_from_coil TEXT,
        in_plane_mm DOUBLE PRECISION, gap_mm DOUBLE PRECISION, tilt_deg DOUBLE PRECISION,
        twist_deg DOUBLE PRECISION, mep_uv DOUBLE PRECISION, mep_latency_ms DOUBLE PRECISION,
        mep_verdict TEXT NOT NULL)"},
    {"outcomes", R"(session BIGINT NOT NULL REFERENCES sessions (id), relief_percent DOUBLE PRECISION,
        relief_days DOUBLE PRECISION, pain_before DOUBLE PRECISION, pain_after DOUBLE PRECISION,
        worst_symptom_after DOUBLE PRECISION, adverse_events TEXT NOT NULL, note TEXT NOT NULL,
        asked TEXT NOT NULL)"},
    {"events", R"(session BIGINT NOT NULL REFERENCES sessions (id), kind TEXT NOT NULL, text TEXT NOT NULL,
        time TEXT NOT NULL)"},
};

std::string index_on(const std::string& table, const std::string& column) {
    std::string out = "CREATE INDEX " + table;
    out.append("_of_").append(column).append(" ON ").append(table).append(" (").append(column).append(")");
    return out;
}

std::vector<std::string> create_tables_of(SqlEngine engine, std::span<const Table> tables) {
    std::vector<std::string> out;
    for (const Table& table : tables) {
        const std::string name = table.name;
        out.push_back("CREATE TABLE " + name + " (" + id_column(engine) + ", " + table.columns + ")");
        for (std::string& trigger : append_only(engine, name, table.key)) out.push_back(std::move(trigger));
        const std::string columns = table.columns;
        for (const char* owner : {"session", "case_code"}) {
            if (columns.starts_with(owner)) out.push_back(index_on(name, owner));
        }
    }
    return out;
}

std::vector<std::string> create_everything(SqlEngine engine) {
    std::vector<std::string> out = create_tables_of(engine, kVersion1);
    if (engine == SqlEngine::postgresql) {
        out.insert(out.begin(),
                   "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
                   "'BEGIN RAISE EXCEPTION ''%'', TG_ARGV[0]; END'");
    }
    return out;
}

// ---- Version 2 ----------------------------------------------------------------------------------------------------

std::vector<std::string> create_audit(SqlEngine engine) {
    std::vector<std::string> out = {
        "CREATE TABLE audit (id BIGINT NOT NULL PRIMARY KEY, made TEXT NOT NULL, author TEXT NOT NULL, "
        "what TEXT NOT NULL, content TEXT NOT NULL, previous TEXT NOT NULL, sha256 TEXT NOT NULL)"};
    for (std::string& trigger : append_only(engine, "audit", "id")) out.push_back(std::move(trigger));
    return out;
}
constexpr int kFirstWithAudit = 2;

// ---- Version 3 ----------------------------------------------------------------------------------------------------

constexpr Table kVersion3[] = {
    {"landmark_touches", R"(session BIGINT NOT NULL REFERENCES sessions (id),
        registration BIGINT REFERENCES registrations (id), landmarks TEXT NOT NULL, drift_mm DOUBLE PRECISION,
        drift_deg DOUBLE PRECISION, verdict TEXT NOT NULL, reasons TEXT NOT NULL, made TEXT NOT NULL)"},
    {"screenings", R"(case_code TEXT NOT NULL REFERENCES cases (code), session BIGINT REFERENCES sessions (id),
        answers TEXT NOT NULL, note TEXT NOT NULL, signed_by TEXT NOT NULL, override_by TEXT NOT NULL,
        override_reason TEXT NOT NULL, asked TEXT NOT NULL)"},
    {"medications", R"(case_code TEXT NOT NULL REFERENCES cases (code), name TEXT NOT NULL, atc TEXT NOT NULL,
        mg_per_day DOUBLE PRECISION, morphine_mg DOUBLE PRECISION,
        lowers_seizure_threshold INTEGER NOT NULL CHECK (lowers_seizure_threshold IN (0, 1)),
        raises_motor_threshold INTEGER NOT NULL CHECK (raises_motor_threshold IN (0, 1)), taken_from TEXT NOT NULL)"},
    {"instrument_scores", R"(case_code TEXT NOT NULL REFERENCES cases (code), session BIGINT REFERENCES sessions (id),
        instrument TEXT NOT NULL, score TEXT NOT NULL, value DOUBLE PRECISION NOT NULL, version TEXT NOT NULL,
        asked TEXT NOT NULL)"},
    {"adverse_events", R"(session BIGINT NOT NULL REFERENCES sessions (id), type TEXT NOT NULL, onset TEXT NOT NULL,
        duration_h DOUBLE PRECISION, severity INTEGER, relatedness TEXT NOT NULL, action TEXT NOT NULL,
        outcome TEXT NOT NULL, serious INTEGER NOT NULL CHECK (serious IN (0, 1)), reported TEXT, note TEXT NOT NULL,
        asked TEXT NOT NULL)"},
    {"implants", R"(case_code TEXT NOT NULL REFERENCES cases (code), step TEXT NOT NULL, date TEXT NOT NULL,
        side TEXT CHECK (side IN ('left', 'right')), electrode TEXT NOT NULL, amplitude_v DOUBLE PRECISION,
        frequency_hz DOUBLE PRECISION, pulse_us DOUBLE PRECISION, months INTEGER, relief_percent DOUBLE PRECISION,
        pain DOUBLE PRECISION, pgic INTEGER, complication TEXT NOT NULL, note TEXT NOT NULL)"},
};

std::vector<std::string> create_version_3(SqlEngine engine) { return create_tables_of(engine, kVersion3); }

// ---- Before a step ------------------------------------------------------------------------------------------------

// Under the lock of the migration, so that what is backed up is what is changed.
std::string back_up(SqlConnection& connection, int version) {
    const StoreAddress& address = connection.address();
    if (address.in_memory) return "";
    const std::string number = std::to_string(version);
    if (address.engine == SqlEngine::postgresql) {
        const std::string copy = "precentral_before_" + std::to_string(version + 1);
        std::vector<std::string> tables;
        connection.run("SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'precentral'", {},
                       [&](const SqlRow& row) { tables.push_back(std::get<std::string>(row.at(0))); });
        connection.run("CREATE SCHEMA " + copy);
        for (const std::string& table : tables) {
            connection.run("CREATE TABLE " + copy + "." + table + " AS SELECT * FROM precentral." + table);
        }
        return copy;
    }
    SqlConnection reader(address, 5000);  // the connection that holds the lock may not
    std::string file = address.path + ".schema" + number + ".backup";
    std::error_code unknown;
    for (int i = 2; std::filesystem::exists(file, unknown); ++i) {
        file = address.path + ".schema" + number + "." + std::to_string(i) + ".backup";
    }
    copy_sqlite_file(reader, file);
    return file;
}

}  // namespace

const std::vector<Migration>& migrations() {
    static const std::vector<Migration> steps = {
        {1, "Cases, images, sessions and all that is measured in them", create_everything},
        {2, "The audit: a chain of hashes over every row", create_audit},
        {kFirstClinicalSchema, "Landmarks touched; screening, medication, instruments, adverse events, implants",
         create_version_3},
    };
    return steps;
}

int schema_version(SqlConnection& connection) {
    if (connection.address().engine == SqlEngine::postgresql) {
        if (whole(connection.one("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'precentral' AND "
                                 "table_name = 'schema_history'")) == 0) {
            return 0;
        }
        return static_cast<int>(whole(connection.one("SELECT max(version) FROM schema_history")));
    }
    const std::int64_t version = whole(connection.one("PRAGMA user_version"));
    const bool ours = whole(connection.one("PRAGMA application_id")) == kApplicationId;
    const bool empty = whole(connection.one("SELECT count(*) FROM sqlite_master")) == 0;
    if (!ours && (version != 0 || !empty)) {
        throw InputError(connection.address().shown() +
                         " is a database of another program, not a Precentral store; choose another file.");
    }
    return static_cast<int>(version);
}

int require_known_schema(SqlConnection& connection) {
    const int newest = migrations().back().to_version;
    const int version = schema_version(connection);
    if (version > newest) {
        throw InputError(connection.address().shown() + " was written by a newer Precentral (schema " +
                         std::to_string(version) + "; this program knows up to " + std::to_string(newest) +
                         "). Update this program to open it.");
    }
    return version;
}

MigrationDone bring_up_to_date(SqlConnection& connection, const std::string& author) {
    const int newest = migrations().back().to_version;
    if (require_known_schema(connection) == newest) return {newest, newest, ""};
    SqlTransaction transaction(connection);
    lock_for_migration(connection);
    // Another program may have been quicker while this one waited for the lock.
    const int version = require_known_schema(connection);
    MigrationDone done{version, newest, ""};
    if (version == newest) return done;
    if (version > 0) done.backup = back_up(connection, version);
    create_namespace(connection);
    RecordId last_step = 0;
    if (version >= kFirstWithAudit) last_step = whole(connection.one("SELECT max(id) FROM schema_history"));
    for (const Migration& step : migrations()) {
        if (step.to_version <= version) continue;
        for (const std::string& statement : step.statements(connection.address().engine)) connection.run(statement);
        note_version(connection, step);
    }
    for (const AuditedTable& table : audited_tables()) {
        // What an older store holds is counted in as it stands today.
        if (version < kFirstWithAudit) adopt_rows(connection, author, table, 0);
    }
    if (version >= kFirstWithAudit) adopt_rows(connection, author, audited_table("schema_history"), last_step);
    transaction.commit();
    return done;
}

MigrationDone migrate_store(const std::string& url) {
    const StoreAddress address = store_address(url);
    std::error_code unknown;
    const bool file = address.engine == SqlEngine::sqlite && !address.in_memory;
    if (file && !std::filesystem::exists(address.path, unknown)) {
        throw InputError("There is no store at " + address.path + ". Check the path.");
    }
    SqlConnection connection(address, 5000);
    if (address.engine == SqlEngine::sqlite) {
        connection.run("PRAGMA foreign_keys = ON");
        connection.run("PRAGMA synchronous = FULL");
    } else {
        connection.run("SET synchronous_commit TO on");
        connection.run("SET client_min_messages TO warning");
        connection.run("SET search_path TO precentral");
    }
    if (schema_version(connection) == 0) {
        throw InputError("There is no Precentral store in " + address.shown() + " yet.");
    }
    return bring_up_to_date(connection, account_name());
}

void create_tables(SqlConnection& connection, int schema) {
    if (schema == 0) schema = migrations().back().to_version;
    create_namespace(connection);
    for (const Migration& step : migrations()) {
        if (step.to_version > schema) break;
        for (const std::string& statement : step.statements(connection.address().engine)) connection.run(statement);
    }
    if (connection.address().engine == SqlEngine::sqlite) mark_as_ours(connection, schema);
}

}  // namespace precentral
