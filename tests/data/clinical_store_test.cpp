// SPDX-License-Identifier: Apache-2.0
// The clinical records: every range at its edges, kept to the last bit over every store, refused before they are kept.
#include "data/clinical_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "data/clinical_columns.h"
#include "data/error.h"
#include "data/sql_value.h"
#include "data/store_check.h"
#include "each_store.h"
#include "sample_records.h"

namespace precentral {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

template <class Record>
std::string refusal(const Record& record) {
    try {
        require_valid(record);
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

TEST(ClinicalRanges, EveryScoreAtItsEdges) {
    InstrumentRecord record;
    record.case_code = "PRC-A";
    for (const InstrumentScore& score : instrument_scores()) {
        record.instrument = score.instrument;
        record.score = score.score;
        const double step = score.whole ? 1.0 : 0.001;
        for (const double inside : {score.least, score.most, score.least + step, score.most - step}) {
            record.value = inside;
            EXPECT_EQ(refusal(record), "") << score.instrument << " " << score.score << " " << inside;
        }
        for (const double outside :
             {score.least - step, score.most + step, std::nan(""), std::numeric_limits<double>::infinity()}) {
            record.value = outside;
            EXPECT_THAT(refusal(record), HasSubstr(score.instrument)) << score.score << " " << outside;
        }
        record.value = score.least + 0.5;
        EXPECT_EQ(refusal(record).empty(), !score.whole) << score.instrument << " " << score.score;
    }
    record.instrument = "HADS";
    record.score = "total";
    EXPECT_THAT(refusal(record), HasSubstr("no score \"total\" of an instrument \"HADS\""));
    record.case_code = " ";
    EXPECT_THAT(refusal(record), HasSubstr("case"));
}

// Each number of a record at both ends of its range and a step beyond.
template <class Record, class Number>
void expect_range(const Record& sound, std::optional<Number> Record::*member, Number least, Number most, Number step) {
    Record record = sound;
    for (const Number inside : {least, most}) {
        record.*member = inside;
        EXPECT_EQ(refusal(record), "") << inside;
    }
    for (const Number outside : {static_cast<Number>(least - step), static_cast<Number>(most + step)}) {
        record.*member = outside;
        EXPECT_THAT(refusal(record), HasSubstr("outside")) << outside;
    }
}

TEST(ClinicalRanges, ImplantsAndMedication) {
    ImplantRecord implant;
    implant.case_code = "PRC-A";
    implant.step = "follow-up";
    EXPECT_EQ(refusal(implant), "");
    expect_range(implant, &ImplantRecord::amplitude_v, 0.0, 20.0, 0.01);
    expect_range(implant, &ImplantRecord::frequency_hz, 10.0, 130.0, 0.01);
    expect_range(implant, &ImplantRecord::pulse_us, 60.0, 500.0, 0.01);
    expect_range(implant, &ImplantRecord::relief_percent, -100.0, 100.0, 0.01);
    expect_range(implant, &ImplantRecord::pain, 0.0, 10.0, 0.01);
    expect_range(implant, &ImplantRecord::pgic, 1, 7, 1);
    expect_range(implant, &ImplantRecord::months, 0, 600, 1);
    implant.step = "implanted";
    EXPECT_THAT(refusal(implant), HasSubstr("side"));
    implant.side = Side::left;
    EXPECT_EQ(refusal(implant), "");
    implant.step = "removed";
    EXPECT_THAT(refusal(implant), HasSubstr("\"removed\" is not one of: decided"));
    MedicationRecord medication;
    medication.case_code = "PRC-A";
    EXPECT_THAT(refusal(medication), HasSubstr("name"));
    medication.name = "tramadol";
    expect_range(medication, &MedicationRecord::mg_per_day, 0.0, 100'000.0, 1.0);
    expect_range(medication, &MedicationRecord::morphine_mg, 0.0, 10'000.0, 1.0);
}

TEST(ClinicalRanges, AdverseEventsAndNone) {
    AdverseEventRecord event;
    EXPECT_THAT(refusal(event), HasSubstr("none, headache"));  // not said is not "none"
    event.type = "none";
    EXPECT_EQ(refusal(event), "");
    event.severity = 1;
    EXPECT_THAT(refusal(event), HasSubstr("No adverse event cannot"));
    event.type = "seizure";
    EXPECT_THAT(refusal(event), HasSubstr("onset"));
    event.onset = "during";
    EXPECT_THAT(refusal(event), HasSubstr("relatedness"));
    event.relatedness = "probable";
    EXPECT_EQ(refusal(event), "");
    expect_range(event, &AdverseEventRecord::severity, 1, 5, 1);
    expect_range(event, &AdverseEventRecord::duration_h, 0.0, 8760.0, 0.1);
    event.severity.reset();
    EXPECT_THAT(refusal(event), HasSubstr("severity"));
    for (const char* type : adverse_event_types()) {
        event.type = type;
        event.severity = event.type == "none" ? std::nullopt : std::optional(2);
        event.onset = event.type == "none" ? "" : "later";
        EXPECT_EQ(refusal(event), "") << type;
    }
}

TEST(ClinicalRanges, ScreeningsAndStimulators) {
    ScreeningRecord screening;
    screening.case_code = "PRC-A";
    EXPECT_THAT(refusal(screening), HasSubstr("without an answer"));
    screening.entries = {{ScreeningItem::seizure, ScreeningAnswer::no}, {ScreeningItem::seizure, ScreeningAnswer::yes}};
    EXPECT_THAT(refusal(screening), HasSubstr("two answers"));
    screening.entries.pop_back();
    EXPECT_EQ(refusal(screening), "");
    screening.override_by = "Dr A";
    EXPECT_THAT(refusal(screening), HasSubstr("who made it and why"));
    std::vector<ImplantRecord> steps(3);
    EXPECT_FALSE(has_stimulator({}));
    steps[0].step = "decided";
    EXPECT_FALSE(has_stimulator(std::span(steps).first(1)));
    steps[1].step = "implanted";
    EXPECT_TRUE(has_stimulator(std::span(steps).first(2)));
    steps[2].step = "explanted";
    EXPECT_FALSE(has_stimulator(steps));
    for (const char* wrong : {"", "=", "1=", "=1", "13=0", "1=3", "-1=0", "1=0 ", "a=b", "1=0=0"}) {
        EXPECT_THROW(to_entries({wrong}), Error) << wrong;
    }
}

struct Values {
    std::vector<SqlValue> all;
    template <class T>
    void operator()(const char*, const T& member) {
        all.push_back(to_sql(member));
    }
    void link(const char*, RecordId id) { all.emplace_back(id); }
};
template <class Record>
std::vector<SqlValue> values_of(const Record& record) {
    Values out;
    columns(out, record);
    return out.all;
}

class ClinicalSuite : public EachStore {};
INSTANTIATE_TEST_SUITE_P(Over, ClinicalSuite,
                         testing::Values(Database::sqlite_file, Database::memory, Database::postgresql),
                         name_of_database);

TEST_P(ClinicalSuite, EveryRecordComesBack) {
    Session session;
    InstrumentRecord bare;
    AdverseEventRecord none;
    {
        const auto store = open_store(url());
        session = new_session(*store);
        add_clinical(*store, session.case_code, session.id);
        bare.case_code = session.case_code;
        bare.instrument = "relief";
        bare.score = "patient";
        bare.value = 1.0 / 3.0;
        bare.id = clinical(*store).add(bare);
        none.session = session.id;
        none.type = "none";
        none.id = clinical(*store).add(none);
    }
    const auto store = open_store(url());
    const ClinicalStore& clinic = clinical(*store);
    const auto memory = open_store(":memory:");
    const Session same = new_session(*memory);
    add_clinical(*memory, same.case_code, same.id);
    const ClinicalStore& expected = clinical(*memory);
    const auto kept = clinic.screenings(session.case_code).at(0);
    EXPECT_EQ(kept.entries.size(), 13U);
    EXPECT_EQ(kept.entries[4].answer, ScreeningAnswer::yes);
    EXPECT_EQ(kept.session, session.id);
    EXPECT_EQ(kept.override_reason, "the device was taken out");
    const auto without_owner = [](auto values) {
        values.erase(values.begin());
        return values;
    };
    EXPECT_EQ(without_owner(values_of(clinic.medications(session.case_code).at(0))),
              without_owner(values_of(expected.medications(same.case_code).at(0))));
    EXPECT_EQ(without_owner(values_of(clinic.adverse_events(session.id).at(0))),
              without_owner(values_of(expected.adverse_events(same.id).at(0))));
    EXPECT_EQ(without_owner(values_of(clinic.implants(session.case_code).at(0))),
              without_owner(values_of(expected.implants(same.case_code).at(0))));
    ASSERT_EQ(clinic.instruments(session.case_code).size(), 2U);
    EXPECT_EQ(values_of(clinic.instruments(session.case_code).at(1)), values_of(bare));
    EXPECT_EQ(values_of(clinic.adverse_events(session.id).at(1)), values_of(none));
    EXPECT_THAT(check_store(url()).problems, IsEmpty());
}

TEST_P(ClinicalSuite, WhatIsNotValidOrBelongsToNobodyIsRefused) {
    const auto store = open_store(url());
    const Session session = new_session(*store);
    ClinicalStore& clinic = clinical(*store);
    InstrumentRecord score;
    score.case_code = session.case_code;
    score.instrument = "NRS";
    score.score = "now";
    score.value = 11.0;
    EXPECT_THROW(clinic.add(score), InputError);
    score.value = 10.0;
    score.case_code = "PRC-NONE";
    EXPECT_THROW(clinic.add(score), InputError);
    score.case_code = session.case_code;
    score.session = session.id + 100;
    EXPECT_THROW(clinic.add(score), InputError);
    AdverseEventRecord none;
    none.type = "none";
    EXPECT_THROW(clinic.add(none), InputError);  // of no session
    EXPECT_TRUE(clinic.instruments(session.case_code).empty());
    score.session = 0;
    clinic.add(score);
    EXPECT_EQ(clinic.instruments(session.case_code).at(0).session, 0);
}

}  // namespace
}  // namespace precentral
