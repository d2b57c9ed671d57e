// SPDX-License-Identifier: Apache-2.0
// A small XML file as a tree.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace precentral::markers {

struct XmlElement {
    std::string name;
    long line = 0;
    std::map<std::string, std::string> attributes;
    std::vector<XmlElement> children;

    const XmlElement* child(std::string_view name) const;
    // "" when it is absent.
    const std::string& attribute(const std::string& name) const;
};

// Throws InputError naming the file and line where it is not XML, is cut short, or is nested deeper than 64.
XmlElement xml_root(const std::string& file, std::string_view text);

// Safe within an attribute in double quotes.
std::string xml_escaped(std::string_view text);

}  // namespace precentral::markers
