// SPDX-License-Identifier: Apache-2.0
#include "data/cohort/dictionary.h"

#include "data/cohort/table_file.h"

namespace precentral::cohort {

const std::vector<Column>& patient_columns() {
    static const std::vector<Column> columns{
        {"patient", "", "random code; tells nothing of the person"},
        {"simulated", "yes, no", "a patient who never was"},
        {"entry_year", "year", "of the first session"},
        {"age_years", "years", "at the first session; 90 and above is given as 90"},
        {"sex", "woman, man", "as recorded"},
        {"pain", "central, peripheral", "class of the neuropathic pain by its cause; empty when unclear"},
        {"cause", "", "of the pain, as recorded"},
        {"region", "", "where it hurts most"},
        {"pain_years", "years", "from the onset of the pain to the first session"},
        {"depression", "0-21", "HADS depression score before the first session"},
        {"pain_before", "0-10", "mean pain before the first session"},
        {"side", "left, right", "stimulated hemisphere"},
        {"hotspot_x", "mm MNI", "own hotspot of the muscle; right is positive"},
        {"hotspot_y", "mm MNI", "own hotspot; front is positive"},
        {"hotspot_z", "mm MNI", "own hotspot; up is positive"},
        {"target_x", "mm MNI", "stimulated place on the cortex, one a patient; right is positive"},
        {"target_y", "mm MNI", "stimulated place; front is positive"},
        {"target_z", "mm MNI", "stimulated place; up is positive"},
        {"distance_mm", "mm", "from the stimulated place to the own hotspot"},
        {"twist_deg", "degrees", "coil's turn about the normal of the scalp against the plan"},
        {"rmt_mso", "% of stimulator output", "resting motor threshold at the first session"},
        {"sessions", "count", "attended"},
        {"relief_1", "%", "pain relief the patient gives after session 1; negative is worse"},
        {"relief_2", "%", "after session 2"},
        {"relief_3", "%", "after session 3"},
        {"relief_4", "%", "after session 4, the end of the test period"},
        {"relief_5", "%", "after session 5"},
        {"relief_6", "%", "after session 6"},
        {"relief_7", "%", "after session 7"},
        {"relief_8", "%", "after session 8"},
        {"r10_4", "yes, no", "relief_4 at least 10 %"},
        {"r30_4", "yes, no", "relief_4 above 30 %"},
        {"first_session", "session", "first session with relief of at least 10 %, else the last one attended"},
        {"first_event", "yes, no", "such a session was seen"},
        {"followed_years", "years", "from the end of the test period, of those with relief_4 above 30 %"},
        {"end", "ongoing, relief lost, implanted", "what ended that time"},
        {"end_cause", "0, 1, 2", "the same in numbers: 0 ongoing, 1 relief lost, 2 implanted"},
        {"relief_implant", "%", "pain relief under the implanted motor cortex stimulator"},
        {"implant_success", "yes, no", "relief_implant at least 30 %"},
    };
    return columns;
}

const std::vector<Column>& session_columns() {
    static const std::vector<Column> columns{
        {"patient", "", "the code of the table of patients"},
        {"session", "number", "1, 2, ... of the patient"},
        {"weeks", "weeks", "since the first session"},
        {"relief", "%", "pain relief the patient gives after it; negative is worse"},
        {"distance_mm", "mm", "from the stimulated place to the own hotspot"},
        {"pain", "central, peripheral", "class of the neuropathic pain by its cause"},
    };
    return columns;
}

std::vector<std::string> names_of(const std::vector<Column>& columns) {
    std::vector<std::string> out;
    for (const Column& column : columns) out.push_back(column.name);
    return out;
}

std::string dictionary_csv() {
    std::vector<std::vector<std::string>> rows;
    for (const Column& c : patient_columns()) rows.push_back({"patients", c.name, c.unit, c.meaning});
    for (const Column& c : session_columns()) rows.push_back({"sessions", c.name, c.unit, c.meaning});
    return csv_text({"table", "column", "unit", "meaning"}, rows);
}

}  // namespace precentral::cohort
