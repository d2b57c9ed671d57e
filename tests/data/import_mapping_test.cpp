// SPDX-License-Identifier: Apache-2.0
// Old records from a table: every range at its edges, what is rejected and why, and nothing written unless all is
// sound.
#include "data/import_mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/error.h"

namespace precentral {
namespace {

using testing::HasSubstr;

const std::string kMapping = R"({"dates": "YMD", "fields": {
    "case.key": "id", "case.pain_side": {"column": "side", "values": {"1": "left", "2": "right"}},
    "case.pain_region": "region", "case.aetiology": "cause", "case.sex": "sex", "case.birth_year": "born",
    "visit.date": "date", "visit.target_side": "target", "visit.rmt_mso": "rmt",
    "visit.relief_percent": "relief", "visit.relief_days": "days", "visit.pain_before": "before",
    "visit.pain_after": "after", "visit.intensity_percent_rmt": "percent", "visit.adverse_events": "ae",
    "visit.protocol": {"constant": "20 Hz M1"}}})";
const std::string kNames = "id,side,region,cause,sex,born,date,target,rmt,relief,days,before,after,percent,ae,other\n";

ImportRules rules() { return {from_iso8601("2026-11-01T00:00:00.000Z"), {}}; }
ImportPlan plan(const std::string& rows, const ImportRules& how = rules()) {
    return plan_import("t.csv", kNames + rows, "m.json", kMapping, how);
}
// The single rejection of one visit whose cell `column` is `value`, or "" when it is taken.
std::string judged(const std::string& column, const std::string& value) {
    std::map<std::string, std::string> cells = {{"id", "7"},         {"side", "2"},          {"region", "hand"},
                                                {"cause", "stroke"}, {"date", "2020-05-04"}, {"target", "left"}};
    cells[column] = value;
    std::string row;
    std::string rest = kNames.substr(0, kNames.size() - 1);
    for (std::size_t at = 0; at != std::string::npos;) {
        const std::size_t end = rest.find(',', at);
        row += (at == 0 ? "" : ",") + cells[rest.substr(at, end == std::string::npos ? end : end - at)];
        at = end == std::string::npos ? end : end + 1;
    }
    const ImportPlan out = plan(row + "\n");
    if (out.rejected.empty()) return "";
    EXPECT_EQ(out.rejected.front().row, 2);
    return out.rejected.front().column + "|" + out.rejected.front().reason;
}

TEST(ImportMapping, EveryRangeAtItsEdges) {
    for (const auto& [column, inside, outside] :
         {std::tuple{"relief", std::vector{"-100", "0", "100", "+30.5"}, std::vector{"-100.1", "101", "many", "1e400"}},
          std::tuple{"days", std::vector{"0", "120"}, std::vector{"-1", "121"}},
          std::tuple{"before", std::vector{"0", "10"}, std::vector{"-0.1", "10.1", "8/10", "7,5"}},
          std::tuple{"after", std::vector{"0", "10"}, std::vector{"11"}},
          std::tuple{"rmt", std::vector{"1", "100", ""}, std::vector{"0", "0.9", "100.5", "nan"}},
          std::tuple{"percent", std::vector{"50", "130"}, std::vector{"49", "131"}},
          std::tuple{"born", std::vector{"1900", "2026", ""}, std::vector{"1899", "2027", "1961.5"}},
          std::tuple{"sex", std::vector{"woman", "Man", ""}, std::vector{"f", "2"}},
          std::tuple{"side", std::vector{"2"}, std::vector{"3", "right"}},
          std::tuple{"target", std::vector{"left", "L"}, std::vector{"", "both"}},
          std::tuple{"date", std::vector{"2020-02-29", "2020-05-04 14:30", "2020-05-04T14:30:59"},
                     std::vector{"2019-02-29", "04/05/2020", "2020-13-01", "2027-01-01", "1984-01-01", "yesterday",
                                 "2020-05-04 24:00", "2020-05-04 1:00"}}}) {
        for (const char* value : inside) {
            const std::string cell = value;
            EXPECT_EQ(judged(column, cell.find(',') == std::string::npos ? cell : "\"" + cell + "\""), "")
                << column << " " << value;
        }
        for (const char* value : outside) {
            const std::string cell = value;
            EXPECT_THAT(judged(column, cell.find(',') == std::string::npos ? cell : "\"" + cell + "\""),
                        HasSubstr(std::string(column) + "|"))
                << column << " " << value;
        }
    }
}

TEST(ImportMapping, RowsOfOnePatientAreOneCase) {
    const ImportPlan out = plan(
        "7,2,hand,stroke,woman,1961,2020-06-01,left,50,40,10,8,5,80,none,x\n"
        "7,,,,,,2020-05-04,left,48,,,,,,,\n"
        "\n"
        "9,1,\"face, V2\",\"trigeminal \"\"neuropathy\"\"\",,,2020-01-01,right,,,,,,,,\n"
        "8,1,leg,plexus,man,,,,,,,,,,,\n");
    EXPECT_TRUE(out.rejected.empty()) << out.rejected.front().reason;
    ASSERT_EQ(out.cases.size(), 3U);
    EXPECT_EQ(out.rows, 4);
    EXPECT_EQ(out.visits(), 3);
    EXPECT_EQ(out.cases[0].visits[0].session.visit, 1);
    EXPECT_EQ(out.cases[0].visits[0].row, 3);  // the earlier one
    EXPECT_EQ(to_iso8601(out.cases[0].visits[0].session.started), "2020-05-04T00:00:00.000Z");
    EXPECT_EQ(out.cases[0].visits[1].threshold->rmt_mso, 50.0);
    EXPECT_EQ(out.cases[0].visits[1].session.protocol.name, "20 Hz M1");
    EXPECT_EQ(out.cases[1].patient.pain_region, "face, V2");
    EXPECT_EQ(out.cases[1].patient.aetiology, "trigeminal \"neuropathy\"");
    EXPECT_FALSE(out.cases[1].visits[0].outcome.has_value());
    EXPECT_TRUE(out.cases[2].visits.empty());
    EXPECT_EQ(out.columns_not_taken, std::vector<std::string>{"other"});
}

TEST(ImportMapping, GuardRailsAreApplied) {
    const std::string wrong_side = "7,2,hand,stroke,,,2020-05-04,right,,,,,,,,\n";
    ASSERT_EQ(plan(wrong_side).rejected.size(), 1U);
    EXPECT_THAT(plan(wrong_side).rejected[0].reason, HasSubstr("the side of the pain"));
    ImportRules by = rules();
    by.by = RailOverride{"Dr A", "bilateral pain"};
    const ImportPlan taken = plan(wrong_side, by);
    EXPECT_TRUE(taken.rejected.empty());
    EXPECT_THAT(taken.cases[0].visits[0].remarks.back(), HasSubstr("Overridden by Dr A: bilateral pain"));
    const ImportPlan soon = plan("7,2,hand,stroke,,,2020-05-04,left,50,,,,,,,\n7,,,,,,2020-05-09,left,80,,,,,,,\n");
    ASSERT_EQ(soon.warnings.size(), 2U);
    EXPECT_THAT(soon.warnings[0].reason, HasSubstr("5 days"));
    EXPECT_THAT(soon.warnings[1].reason, HasSubstr("80 %"));
    EXPECT_EQ(plan("7,2,hand,stroke,,,2020-05-04,left,,,,,,,,\n7,,,,,,2020-05-04,left,,,,,,,,\n").rejected.size(), 1U);
    EXPECT_THAT(plan("7,2,hand,stroke,,,,,,,,,,,,\n7,1,,,,,,,,,,,,,,\n").rejected.at(0).reason,
                HasSubstr("says otherwise"));
    EXPECT_THAT(plan("7,2,hand,,,,2020-05-04,left,,,,,,,,\n").rejected.at(0).reason, HasSubstr("aetiology"));
    EXPECT_THAT(plan("7,2,hand,stroke,,,,left,44,,,,,,,\n").rejected.at(0).reason, HasSubstr("without its date"));
    EXPECT_THAT(plan("7,2,hand\n").rejected.at(0).reason, HasSubstr("3 of 16 columns"));
}

TEST(ImportMapping, AMappingThatCannotBeMeantIsRefused) {
    const auto why = [](const std::string& mapping, const std::string& table = kNames) {
        try {
            plan_import("t.csv", table, "m.json", mapping, rules());
        } catch (const InputError& error) {
            return std::string(error.what());
        }
        return std::string("taken");
    };
    EXPECT_THAT(why("{"), HasSubstr("m.json"));
    EXPECT_THAT(why(R"({"fields": {"case.name": "id"}})"), HasSubstr("no field \"case.name\""));
    EXPECT_THAT(why(R"({"fields": {"case.key": "id"}})"), HasSubstr("case.pain_side must be mapped"));
    EXPECT_THAT(why(R"({"fields": {}, "extra": 1})"), HasSubstr("\"extra\" is not known"));
    EXPECT_THAT(why(kMapping, "id,side\n1,2\n"), HasSubstr("has no column"));
    EXPECT_THAT(why(kMapping, "id,id" + kNames.substr(2)), HasSubstr("two columns \"id\""));
    EXPECT_THAT(why(kMapping, kNames + "\"7,2"), HasSubstr("ends within quotes"));
    EXPECT_THAT(why(kMapping, ""), HasSubstr("empty"));
}

TEST(ImportMapping, IsWrittenWithItsSource) {
    const ImportPlan out = plan("7,2,hand,stroke,woman,1961,2020-06-01,left,50,40,10,8,5,80,none,x\n");
    const auto store = open_store(":memory:");
    const auto codes = write_import(*store, out, "a table", rules().now);
    ASSERT_EQ(codes.size(), 1U);
    const Case patient = store->case_of(codes.at("7"));
    EXPECT_EQ(patient.birth_year, 1961);
    const Session session = store->sessions(patient.code).at(0);
    EXPECT_EQ(store->outcomes(session.id).at(0).relief_percent, 40.0);
    EXPECT_EQ(store->outcomes(session.id).at(0).adverse_events, "none");
    EXPECT_EQ(store->thresholds(session.id).at(0).rmt_mso, 50.0);
    EXPECT_EQ(store->events(session.id).at(0).text, "from row 2 of a table");
}

}  // namespace
}  // namespace precentral
