// SPDX-License-Identifier: Apache-2.0
// A store copied out and back, each copy read again and checked before it is called done.
#pragma once

#include <string>

#include "data/progress.h"
#include "data/store_check.h"

namespace precentral {

// Copies a store into one SQLite file while others write to it: what was committed when it began. The file gets its
// name only after its rows and its audit were computed anew. Any thread.
// Throws InputError when there is no store at `url` or something at `file`; Error when the copy cannot be made or what
// was copied is damaged (the sentence names the first finding): a backup of a damaged store is not kept.
StoreCheck back_up_store(const std::string& url, const std::string& file, const Progress& progress = {});

// The inverse, into a place that holds no store yet: a new file or an empty PostgreSQL database. The backup is checked
// before anything is written, and the new store is checked against it after. Throws as above.
StoreCheck restore_store(const std::string& file, const std::string& url, const Progress& progress = {});

}  // namespace precentral
