"""What a page tells search engines and the places its link is shared in."""

from __future__ import annotations

from typing import Any

Context = dict[str, Any]
COMMENTS = 10


def head(context: Context) -> Context:
    """`meta_title`, `meta_description`, `noindex`, `social_image` and `json_ld` of a page."""
    page, site = context["page"], context["site"]
    title = page["meta"]["seo_title"] or page["title"]
    return {
        "meta_title": title if page["meta"]["type"] == "home.HomePage" else f"{title}, {site['name']}",
        "meta_description": page["meta"]["search_description"] or page.get("intro", ""),
        "noindex": page["meta"]["noindex"] or context.get("noindex", False),
        "social_image": page["meta"]["social_image"],
        "json_ld": _json_ld(context),
    }


def _json_ld(context: Context) -> list[Context]:
    kind = context["page"]["meta"]["type"]
    if kind == "home.HomePage":
        return [clinic(context["site"])]
    found = [_breadcrumbs(context)] if context["page"]["breadcrumbs"] else []
    return [_posting(context), *found] if kind == "blog.BlogPage" else found


def clinic(site: Context) -> Context:
    """https://schema.org/MedicalBusiness"""
    contact = site["contact"]
    return _without_empty(
        {
            "@context": "https://schema.org",
            "@type": "MedicalBusiness",
            "@id": f"{site['url']}/#clinic",
            "name": site["name"],
            "description": site["tagline"],
            "url": f"{site['url']}/",
            "telephone": contact["phone"],
            "email": contact["email"],
            "address": _without_empty(
                {
                    "@type": "PostalAddress",
                    "streetAddress": contact["street"],
                    "addressLocality": contact["locality"],
                    "postalCode": contact["postal_code"],
                    "addressCountry": contact["country"],
                }
            ),
            "geo": _geo(contact),
            "openingHoursSpecification": [
                {
                    "@type": "OpeningHoursSpecification",
                    "dayOfWeek": [f"https://schema.org/{day.capitalize()}" for day in hours["days"]],
                    "opens": hours["opens"],
                    "closes": hours["closes"],
                }
                for hours in site["opening_hours"]
            ],
            "potentialAction": {"@type": "ReserveAction", "target": site["url"] + site["booking"]["url"]},
        }
    )


def _geo(contact: Context) -> Context | None:
    if contact["latitude"] is None or contact["longitude"] is None:
        return None
    return {"@type": "GeoCoordinates", "latitude": contact["latitude"], "longitude": contact["longitude"]}


def _posting(context: Context) -> Context:
    """https://schema.org/BlogPosting"""
    page, site = context["page"], context["site"]
    image = page["meta"]["social_image"]
    return _without_empty(
        {
            "@context": "https://schema.org",
            "@type": "BlogPosting",
            "headline": page["title"],
            "description": page["intro"],
            "image": [image["url"]] if image else None,
            "datePublished": page["meta"]["first_published_at"],
            "dateModified": page["meta"]["last_published_at"],
            "author": [
                {
                    "@type": "Person",
                    "name": author["name"],
                    "jobTitle": author["role"],
                    "url": site["url"] + author["url"],
                }
                for author in page["authors"]
            ],
            "publisher": {"@type": "MedicalBusiness", "@id": f"{site['url']}/#clinic", "name": site["name"]},
            "mainEntityOfPage": context["canonical"],
            "commentCount": page["comments"]["count"] if page["comments"]["shown"] else None,
            "comment": _comments(context),
            "inLanguage": site["language"],
        }
    )


def _comments(context: Context) -> list[Context]:
    """The first of what readers wrote (https://schema.org/Comment)."""
    shown = [comment for comment in context.get("comments", {}).get("results", []) if not comment["removed"]]
    return [
        {
            "@type": "Comment",
            "author": {"@type": "Person", "name": comment["author_name"]},
            "dateCreated": comment["created_at"],
            "text": comment["body"],
        }
        for comment in shown[:COMMENTS]
    ]


def _breadcrumbs(context: Context) -> Context:
    """https://schema.org/BreadcrumbList"""
    page, site = context["page"], context["site"]
    trail = [*page["breadcrumbs"], {"title": page["title"], "url": page["meta"]["path"]}]
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": entry["title"], "item": site["url"] + entry["url"]}
            for place, entry in enumerate(trail, start=1)
        ],
    }


def _without_empty(thing: Context) -> Context:
    return {name: value for name, value in thing.items() if value not in (None, "", [], {})}
