"""Pages as Wagtail's own documentation and demo write them."""

from __future__ import annotations

from django.db import models
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import TaggedItemBase
from wagtail import blocks
from wagtail.fields import RichTextField, StreamField
from wagtail.images.blocks import ImageChooserBlock
from wagtail.models import Orderable, Page
from wagtail.snippets.models import register_snippet


@register_snippet
class Author(models.Model):
    name = models.CharField(max_length=100)
    role = models.CharField(max_length=100)
    bio = models.TextField()
    photo = models.ForeignKey("wagtailimages.Image", null=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return self.name


class HomePage(Page):
    pass


class StandardPage(Page):
    body = RichTextField()


class BlogIndexPage(Page):
    pass


class PostTag(TaggedItemBase):
    content_object = ParentalKey("stock.BlogPage", on_delete=models.CASCADE, related_name="tagged_items")


class PostAuthor(Orderable):
    post = ParentalKey("stock.BlogPage", on_delete=models.CASCADE, related_name="post_authors")
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="+")


class Comment(models.Model):
    post = models.ForeignKey("stock.BlogPage", on_delete=models.CASCADE, related_name="comments")
    name = models.CharField(max_length=60)
    body = models.TextField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class PictureBlock(blocks.StructBlock):
    image = ImageChooserBlock()
    caption = blocks.CharBlock(required=False)

    class Meta:
        template = "stock/picture.html"


class BlogPage(Page):
    intro = models.TextField()
    hero = models.ForeignKey("wagtailimages.Image", null=True, on_delete=models.SET_NULL, related_name="+")
    tags = ClusterTaggableManager(through=PostTag, blank=True)
    body = StreamField(
        [
            ("heading", blocks.CharBlock(template="stock/heading.html")),
            ("paragraph", blocks.RichTextBlock()),
            ("quote", blocks.BlockQuoteBlock()),
            ("picture", PictureBlock()),
        ]
    )

    def authors(self) -> list[Author]:
        return [entry.author for entry in self.post_authors.all()]

    def related(self) -> models.QuerySet[BlogPage]:
        same = BlogPage.objects.live().filter(tags__in=self.tags.all()).exclude(pk=self.pk)
        return same.distinct().order_by("-first_published_at")[:3]
