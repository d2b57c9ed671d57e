// SPDX-License-Identifier: Apache-2.0
// One reader and one writer a format, behind marker_files.h.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/markers/marker_files.h"

namespace precentral::markers {

// `file` is named in sentences; `text` is what it holds.
MarkerSet read_brainsight(const std::string& file, std::string_view text, const MarkerReading& how);
MarkerSet read_localite(const std::string& file, std::string_view text, const MarkerReading& how);
MarkerSet read_localite_session(const std::filesystem::path& folder, const MarkerReading& how);
MarkerSet read_visor2(const std::string& file, std::string_view text, const MarkerReading& how);
MarkerSet read_stimguide(const std::string& file, std::string_view text, const MarkerReading& how);
MarkerSet read_softaxic(const std::string& file, std::string_view text, const MarkerReading& how);
MarkerSet read_invesalius(const std::string& file, std::string_view text, const MarkerReading& how);
MarkerSet read_nibs_bids(const std::string& file, std::string_view text, const MarkerReading& how);
MarkerSet read_table(const std::string& file, std::string_view text, const MarkerReading& how);

struct FileText {
    std::filesystem::path file;
    std::string text;
};
// Complete files, to be written together.
std::vector<FileText> brainsight_text(const MarkerSet& markers, const std::filesystem::path& file);
std::vector<FileText> localite_text(const MarkerSet& markers, const std::filesystem::path& file);
std::vector<FileText> visor2_text(const MarkerSet& markers, const std::filesystem::path& file);
std::vector<FileText> stimguide_text(const MarkerSet& markers, const std::filesystem::path& file);
std::vector<FileText> softaxic_text(const MarkerSet& markers, const std::filesystem::path& file);
std::vector<FileText> nibs_bids_text(const MarkerSet& markers, const std::filesystem::path& file);
std::vector<FileText> table_text(const MarkerSet& markers, const std::filesystem::path& file);

}  // namespace precentral::markers
