// SPDX-License-Identifier: Apache-2.0
// Records made up from a seed, and what it means for two of them to be the same to the last bit.
#pragma once

#include <random>
#include <string>

#include "data/clinical_store.h"
#include "data/records.h"

namespace precentral {

class SampleRecords {
public:
    explicit SampleRecords(unsigned seed) : random_(seed) {}

    // full = every optional member is there and every list has entries; else none.
    Case patient(bool full);
    ImageRecord image(const std::string& case_code);
    Session session(const std::string& case_code);
    RegistrationRecord registration(RecordId session, bool full);
    LandmarkTouches touches(RecordId session, bool full);
    CoilCalibrationRecord calibration(RecordId session);
    TargetRecord target(RecordId session, bool full);
    HotspotRecord hotspot(RecordId session);
    ThresholdRecord threshold(RecordId session);
    Pulse pulse(RecordId session, int sequence, bool full);
    Outcome outcome(RecordId session, bool full);
    SessionEvent event(RecordId session);

    double number();  // of any size and sign, with all digits
    std::string text();
    UtcTime time();
    int whole(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }
    bool coin() { return whole(0, 1) == 1; }
    Side side() { return coin() ? Side::left : Side::right; }
    Eigen::Isometry3d pose();

private:
    std::mt19937 random_;
};

// One record in each clinical table.
void add_clinical(Store& store, const std::string& case_code, RecordId session);

// Every member's exact bits. Two records are the same when these are.
std::string bits_of(const Case& record);
std::string bits_of(const ImageRecord& record);
std::string bits_of(const Session& record);
std::string bits_of(const RegistrationRecord& record);
std::string bits_of(const LandmarkTouches& record);
std::string bits_of(const CoilCalibrationRecord& record);
std::string bits_of(const TargetRecord& record);
std::string bits_of(const HotspotRecord& record);
std::string bits_of(const ThresholdRecord& record);
std::string bits_of(const Pulse& record);
std::string bits_of(const Outcome& record);
std::string bits_of(const SessionEvent& record);

}  // namespace precentral
