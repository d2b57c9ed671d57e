// SPDX-License-Identifier: Apache-2.0
// A whole case as one file of a folder, "record.jsonl": every record of it, a line of JSON each, so that it can be
// taken to another store without loss.
//
// The first line names the format, the last one counts the lines and carries the SHA-256 of all before it. Records are
// numbered from 1 within the case, so that a case exported, imported and exported again gives the same file. Of an
// image's path only the file's name leaves the store.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "data/store.h"

namespace precentral {

inline constexpr const char* kCaseRecordFile = "record.jsonl";

// The text of the file. Throws InputError when there is no such case.
std::string case_record(const Store& store, const std::string& case_code);

struct CaseImported {
    std::string case_code;
    std::map<std::string, int> records;  // by table
};

// Adds the case of `text`, all of it or nothing, under its own code. `name` is named in sentences. Throws InputError
// when the text is damaged or cut short, or the store has a case of that code.
CaseImported import_case_record(Store& store, const std::string& name, const std::string& text);

}  // namespace precentral
