"""Whose working days hold in a time zone? The country of each zone we may meet; data and one look-up."""

from __future__ import annotations

from collections.abc import Mapping

ZONES: Mapping[str, str] = {
    "CN": "Asia/Shanghai Asia/Urumqi Asia/Chongqing Asia/Harbin PRC",
    "HK": "Asia/Hong_Kong Hongkong",
    "MO": "Asia/Macau",
    "TW": "Asia/Taipei ROC",
    "SG": "Asia/Singapore Singapore",
    "JP": "Asia/Tokyo Japan",
    "KR": "Asia/Seoul ROK",
    "VN": "Asia/Ho_Chi_Minh Asia/Saigon",
    "TH": "Asia/Bangkok",
    "IN": "Asia/Kolkata Asia/Calcutta",
    "MY": "Asia/Kuala_Lumpur Asia/Kuching",
    "ID": "Asia/Jakarta Asia/Makassar Asia/Jayapura Asia/Pontianak",
    "PH": "Asia/Manila",
    "AE": "Asia/Dubai",
    "SA": "Asia/Riyadh",
    "IL": "Asia/Jerusalem",
    "TR": "Europe/Istanbul",
    "US": "America/New_York America/Chicago America/Denver America/Los_Angeles America/Phoenix America/Detroit America/Anchorage "
    "America/Boise America/Indiana/Indianapolis Pacific/Honolulu US/Eastern US/Central US/Mountain US/Pacific",
    "CA": "America/Toronto America/Vancouver America/Montreal America/Halifax America/Winnipeg America/Edmonton America/Regina",
    "MX": "America/Mexico_City America/Monterrey America/Tijuana",
    "BR": "America/Sao_Paulo America/Bahia America/Manaus",
    "AR": "America/Argentina/Buenos_Aires America/Buenos_Aires",
    "CL": "America/Santiago",
    "CO": "America/Bogota",
    "PE": "America/Lima",
    "GB": "Europe/London Europe/Belfast GB",
    "IE": "Europe/Dublin",
    "DE": "Europe/Berlin Europe/Busingen",
    "FR": "Europe/Paris",
    "IT": "Europe/Rome",
    "ES": "Europe/Madrid Atlantic/Canary",
    "PT": "Europe/Lisbon",
    "NL": "Europe/Amsterdam",
    "BE": "Europe/Brussels",
    "LU": "Europe/Luxembourg",
    "CH": "Europe/Zurich",
    "AT": "Europe/Vienna",
    "PL": "Europe/Warsaw",
    "CZ": "Europe/Prague",
    "SK": "Europe/Bratislava",
    "HU": "Europe/Budapest",
    "RO": "Europe/Bucharest",
    "BG": "Europe/Sofia",
    "GR": "Europe/Athens",
    "DK": "Europe/Copenhagen",
    "SE": "Europe/Stockholm",
    "NO": "Europe/Oslo",
    "FI": "Europe/Helsinki",
    "EE": "Europe/Tallinn",
    "LV": "Europe/Riga",
    "LT": "Europe/Vilnius",
    "UA": "Europe/Kyiv Europe/Kiev",
    "RU": "Europe/Moscow Asia/Vladivostok Asia/Yekaterinburg Asia/Novosibirsk",
    "AU": "Australia/Sydney Australia/Melbourne Australia/Brisbane Australia/Perth Australia/Adelaide Australia/Hobart Australia/Darwin",
    "NZ": "Pacific/Auckland",
    "ZA": "Africa/Johannesburg",
    "EG": "Africa/Cairo",
    "NG": "Africa/Lagos",
    "KE": "Africa/Nairobi",
    "MA": "Africa/Casablanca",
    "PK": "Asia/Karachi",
    "BD": "Asia/Dhaka",
    "LK": "Asia/Colombo",
    "KZ": "Asia/Almaty",
}

_COUNTRY = {zone: country for country, zones in ZONES.items() for zone in zones.split()}


def country_of(zone: str) -> str | None:
    """The country whose working days hold in a time zone; None where we do not know it (then only weekends are free)."""
    return _COUNTRY.get(zone)
