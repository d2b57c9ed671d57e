// SPDX-License-Identifier: Apache-2.0
#include "data/markers/xml_tree.h"

#include <QByteArray>
#include <QXmlStreamReader>

#include "data/error.h"

namespace precentral::markers {

const XmlElement* XmlElement::child(std::string_view wanted) const {
    for (const XmlElement& one : children) {
        if (one.name == wanted) return &one;
    }
    return nullptr;
}

const std::string& XmlElement::attribute(const std::string& wanted) const {
    static const std::string none;
    const auto found = attributes.find(wanted);
    return found == attributes.end() ? none : found->second;
}

XmlElement xml_root(const std::string& file, std::string_view text) {
    constexpr int kDeepest = 64;
    QXmlStreamReader reader(QByteArray(text.data(), static_cast<qsizetype>(text.size())));
    const auto refuse = [&](const std::string& why) {
        throw InputError("\"" + file + "\", line " + std::to_string(reader.lineNumber()) + ": " + why);
    };
    XmlElement above;                       // holds the root
    std::vector<XmlElement*> open{&above};  // stays valid: only the last one's children grow
    while (!reader.atEnd()) {
        switch (reader.readNext()) {
            case QXmlStreamReader::StartElement: {
                if (open.size() > kDeepest) refuse("nested too deeply for a marker file.");
                XmlElement& element = open.back()->children.emplace_back();
                element.name = reader.name().toString().toStdString();
                element.line = static_cast<long>(reader.lineNumber());
                for (const QXmlStreamAttribute& attribute : reader.attributes()) {
                    element.attributes[attribute.name().toString().toStdString()] =
                        attribute.value().toString().toStdString();
                }
                open.push_back(&element);
                break;
            }
            case QXmlStreamReader::EndElement: open.pop_back(); break;
            default: break;
        }
    }
    if (reader.hasError()) {
        const bool is_short = reader.error() == QXmlStreamReader::PrematureEndOfDocumentError;
        refuse(is_short ? "the XML ends too early; the file is cut short."
                        : "not XML: " + reader.errorString().toStdString());
    }
    return std::move(above.children.at(0));
}

std::string xml_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
    }
    return out;
}

}  // namespace precentral::markers
