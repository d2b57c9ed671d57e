// SPDX-License-Identifier: Apache-2.0
// The clinical facts of a store; the same promises as Store (store.h): appended, durable when add returns, audited.
#pragma once

#include <string>
#include <vector>

#include "data/clinical_records.h"
#include "data/store.h"

namespace precentral {

class ClinicalStore {
public:
    ClinicalStore() = default;
    ClinicalStore(const ClinicalStore&) = delete;
    ClinicalStore& operator=(const ClinicalStore&) = delete;
    virtual ~ClinicalStore() = default;

    // Each throws InputError when the record is not valid (require_valid), or names a case or session that is not
    // there.
    virtual RecordId add(const ScreeningRecord& screening) = 0;
    virtual RecordId add(const MedicationRecord& medication) = 0;
    virtual RecordId add(const InstrumentRecord& score) = 0;
    virtual RecordId add(const AdverseEventRecord& event) = 0;
    virtual RecordId add(const ImplantRecord& implant) = 0;

    // In the order they were added. Of a store of an older schema that is only read: none.
    virtual std::vector<ScreeningRecord> screenings(const std::string& case_code) const = 0;
    virtual std::vector<MedicationRecord> medications(const std::string& case_code) const = 0;
    virtual std::vector<InstrumentRecord> instruments(const std::string& case_code) const = 0;
    virtual std::vector<AdverseEventRecord> adverse_events(RecordId session) const = 0;
    virtual std::vector<ImplantRecord> implants(const std::string& case_code) const = 0;
};

// The same store. Throws Error for one that open_store did not make.
ClinicalStore& clinical(Store& store);
const ClinicalStore& clinical(const Store& store);

}  // namespace precentral
