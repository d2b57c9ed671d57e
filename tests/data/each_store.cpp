// SPDX-License-Identifier: Apache-2.0
#include "each_store.h"

#include "postgresql_server.h"
#include "sample_records.h"

namespace precentral {

void EachStore::SetUp() {
    static int count = 0;
    switch (GetParam()) {
        case Database::sqlite_file: url_ = folder_ / "store.db"; return;
        case Database::memory:
            url_ = ":memory:test" + std::to_string(++count);
            keeps_memory_alive_ = open_store(url_);
            return;
        case Database::postgresql: try { url_ = PostgresqlServer::shared().new_database();
            } catch (const std::exception& error) {
                GTEST_SKIP() << error.what();
            }
            return;
    }
}

Session EachStore::new_session(Store& store) {
    SampleRecords samples(7);
    Case patient = samples.patient(true);
    patient.code = random_case_code();
    store.add_case(patient);
    Session session = samples.session(patient.code);
    session.id = store.add(session);
    return session;
}

std::string name_of_database(const testing::TestParamInfo<Database>& info) {
    switch (info.param) {
        case Database::sqlite_file: return "SqliteFile";
        case Database::memory: return "Memory";
        case Database::postgresql: return "Postgresql";
    }
    return "Unknown";
}

}  // namespace precentral
