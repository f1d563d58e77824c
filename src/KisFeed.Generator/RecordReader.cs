using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KisFeed.Generator;

/// <summary>Reads a record's attributes into a model and collects all errors.</summary>
internal static class RecordReader
{
    // The maximum number of columns of a layout.
    private const int MaxWidth = 512;
    private const int MaxTrIdLength = 16;

    // The arguments of a feed that are not properties of its schema, and those that are always written.
    private static readonly string[] s_ownSettings = ["Member", "Alias", "Renamed", "ElementCase", "PriceUnit", "TurnoverUnit"];

    /// <summary>Reads the record; <see langword="null"/> for another part of a record that is reported already.</summary>
    public static RecordModel? Read(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        var syntax = (TypeDeclarationSyntax)context.TargetNode;
        var feeds = ColumnReader.Attributes(type, "KisFeed.Feeds.FeedAttribute").ToList();
        if (feeds[0].ApplicationSyntaxReference is { } first
            && (first.SyntaxTree != syntax.SyntaxTree || !syntax.Span.Contains(first.Span)))
        {
            return null;
        }

        var mistakes = new List<DiagnosticModel>();
        var where = syntax.Identifier.GetLocation();
        CheckKind(type, syntax, mistakes);
        cancellation.ThrowIfCancellationRequested();
        var reader = new ColumnReader(type, mistakes, cancellation);
        var columns = reader.Columns;
        var keys = columns.Count(c => c.IsKey && c.Kind == ColumnKind.Text);
        if (keys != 1 || columns.Count(c => c.IsKey) != 1)
        {
            mistakes.Add(DiagnosticModel.At(
                Diagnostics.KeyCount,
                where,
                type.Name,
                columns.Count(c => c.IsKey).ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }

        CheckFeeds(type, feeds, columns, mistakes, where, cancellation);
        var revisions = ReadRevisions(type, columns, mistakes, where, cancellation);
        return new RecordModel(
            type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString(),
            type.Name,
            new(feeds.Select(ReadFeed)),
            new(columns),
            new(reader.Groups),
            new(revisions),
            type.GetMembers(nameof(Equals)).OfType<IMethodSymbol>().Any(m => !m.IsImplicitlyDeclared
                && m.Parameters.Length == 1
                && SymbolEqualityComparer.Default.Equals(m.Parameters[0].Type, type)),
            new(mistakes));
    }

    public static void CheckKind(INamedTypeSymbol type, TypeDeclarationSyntax syntax, List<DiagnosticModel> mistakes)
    {
        if (syntax is not RecordDeclarationSyntax
            || !type.IsValueType
            || !type.IsReadOnly
            || type.ContainingType is not null
            || type.Arity > 0
            || type.IsFileLocal
            || !syntax.Modifiers.Any(SyntaxKind.PartialKeyword))
        {
            mistakes.Add(DiagnosticModel.At(Diagnostics.NotPartialRecord, syntax.Identifier.GetLocation(), type.Name));
        }
    }

    /// <summary>Reads the TR IDs in the attributes of this part of a record.</summary>
    public static EquatableArray<FeedUse> ReadUses(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        var uses = new List<FeedUse>();
        foreach (var attribute in context.Attributes)
        {
            var where = LocationOf(attribute, context.TargetNode.GetLocation(), cancellation);
            var feed = ReadFeed(attribute);
            foreach (var trId in new[] { feed.TrId, feed.MockTrId }.OfType<string>().Distinct(StringComparer.Ordinal))
                uses.Add(new FeedUse(trId, context.TargetSymbol.Name, DiagnosticModel.At(Diagnostics.DuplicateTrId, where, trId)));
        }

        return new(uses);
    }

    private static void CheckFeeds(
        INamedTypeSymbol type, List<AttributeData> feeds, List<ColumnModel> columns, List<DiagnosticModel> mistakes, Location where,
        CancellationToken cancellation)
    {
        var members = new HashSet<string>(type.GetMembers().Select(m => m.Name), StringComparer.Ordinal);
        foreach (var attribute in feeds)
        {
            var feed = ReadFeed(attribute);
            foreach (var trId in new[] { feed.TrId, feed.MockTrId }.OfType<string>().Distinct(StringComparer.Ordinal)
                .Where(t => t.Length is 0 or > MaxTrIdLength || !t.All(IsLetterOrDigit)))
            {
                Wrong($"\"{trId}\" is not a TR ID of 1 to 16 letters and digits");
            }
            foreach (var renamed in feed.Renamed.Where(r => !columns.Any(c => r.StartsWith(c.Element + "=", StringComparison.Ordinal))
                || r.EndsWith("=", StringComparison.Ordinal)))
            {
                Wrong($"\"{renamed}\" does not have the form ELEMENT=NAME with an element of the record");
            }
            if (!SyntaxFacts.IsValidIdentifier(feed.Member))
                Wrong($"\"{feed.Member}\" is not a name for a property");
            else if (!members.Add(feed.Member))
                Wrong($"the record has a member {feed.Member} already; give this feed another Member");

            void Wrong(string what) =>
                mistakes.Add(DiagnosticModel.At(Diagnostics.InvalidFeed, LocationOf(attribute, where, cancellation), type.Name, what));
        }
    }

    private static bool IsLetterOrDigit(char c) => c is (>= '0' and <= '9') or (>= 'A' and <= 'Z') or (>= 'a' and <= 'z');

    private static Location LocationOf(AttributeData attribute, Location otherwise, CancellationToken cancellation) =>
        attribute.ApplicationSyntaxReference?.GetSyntax(cancellation).GetLocation() ?? otherwise;

    private static List<RevisionModel> ReadRevisions(
        INamedTypeSymbol type, List<ColumnModel> columns, List<DiagnosticModel> mistakes, Location where, CancellationToken cancellation)
    {
        var revisions = new List<RevisionModel>();
        List<string> trIds =
            [.. ColumnReader.Attributes(type, "KisFeed.Feeds.FeedAttribute").Select(a => a.ConstructorArguments[0].Value as string ?? "")];
        foreach (var attribute in ColumnReader.Attributes(type, "KisFeed.Feeds.RevisionAttribute"))
        {
            // A null array, as in [Revision(null)], has no values.
            var argument = attribute.ConstructorArguments[0];
            var values = argument.Kind == TypedConstantKind.Array && !argument.IsNull ? argument.Values : [];
            var trId = ColumnReader.Named<string>(attribute, "TrId");
            var isCurrent = ColumnReader.Named<bool>(attribute, "IsCurrent");
            var location = LocationOf(attribute, where, cancellation);
            List<string> elements = [.. values.SelectMany(v => ElementsOf(v.Value as string ?? "", columns))];
            var revision = argument.Kind == TypedConstantKind.Array
                ? new RevisionModel(trId, elements.Count, new EquatableArray<string>(elements), isCurrent)
                : new RevisionModel(trId, (int)(argument.Value ?? 0), null, isCurrent);
            if (trId is not null && !trIds.Contains(trId))
                mistakes.Add(DiagnosticModel.At(Diagnostics.InvalidRevision, location, type.Name, $"{trId} is not a feed of the record"));
            if (MistakeIn(revision, revisions, columns) is { } mistake)
                mistakes.Add(DiagnosticModel.At(Diagnostics.InvalidRevision, location, type.Name, mistake));
            revisions.Add(revision);
        }

        if (columns.Count > MaxWidth)
        {
            mistakes.Add(DiagnosticModel.At(
                Diagnostics.InvalidRevision, where, type.Name, $"the record has {columns.Count} columns, more than {MaxWidth}"));
        }
        return revisions;
    }

    // "A..B" and "..B" stand for columns of the record. A range that the record does not have stays as it is, and is reported.
    private static IEnumerable<string> ElementsOf(string text, List<ColumnModel> columns)
    {
        var dots = text.IndexOf("..", StringComparison.Ordinal);
        if (dots < 0)
            return [text];
        var first = dots == 0 ? 0 : IndexOf(text.Substring(0, dots));
        var last = IndexOf(text.Substring(dots + 2));
        return first < 0 || last < first ? [text] : columns.Skip(first).Take(last - first + 1).Select(c => c.Element);

        int IndexOf(string element) => columns.FindIndex(c => c.Element.Equals(element, StringComparison.OrdinalIgnoreCase));
    }

    private static string? MistakeIn(RevisionModel revision, List<RevisionModel> others, List<ColumnModel> columns)
    {
        if (revision.Elements is null
            && (revision.Width < 1 || revision.Width > columns.Count || (revision.Width == columns.Count && revision.TrId is null)))
        {
            return $"{revision.Width} is not a width below the record's {columns.Count} columns";
        }
        if (revision.Width is 0 or > MaxWidth)
            return $"it has {revision.Width} columns, not 1 to {MaxWidth}";
        if ((revision.Width == columns.Count && revision.TrId is null)
            || others.Any(r => r.Width == revision.Width && (r.TrId is null || revision.TrId is null || r.TrId == revision.TrId)))
        {
            return $"another layout has {revision.Width} columns, so the two cannot be distinguished";
        }
        if (revision.IsCurrent && others.Any(r => r.IsCurrent && (r.TrId is null || revision.TrId is null || r.TrId == revision.TrId)))
            return "another layout is the current one";
        var elements = revision.Elements is { } named ? named.ToList() : columns.Take(revision.Width).Select(c => c.Element).ToList();
        if (elements.Any(e => e.Length == 0))
            return "an element is empty";
        if (elements.Find(e => e.Contains("..")) is { } range)
            return $"'{range}' does not name columns of the record in their order";
        if (elements.GroupBy(e => e, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice)
            return $"'{twice.Key}' occurs twice";
        return columns.FirstOrDefault(c => c.IsKey) is { } key && !elements.Contains(key.Element, StringComparer.OrdinalIgnoreCase)
            ? $"the key '{key.Element}' is missing"
            : null;
    }

    private static FeedModel ReadFeed(AttributeData attribute) => new(
        attribute.ConstructorArguments[0].Value as string ?? "",
        ColumnReader.Named<string>(attribute, "Member") ?? "Feed",
        ColumnReader.Named<string>(attribute, "MockTrId"),
        ColumnReader.Named<string>(attribute, "Alias") ?? "",
        ColumnReader.Named<string>(attribute, "Korean") ?? "",
        ColumnReader.Named<int>(attribute, "Market"),
        ColumnReader.Named<bool>(attribute, "IsOverseas"),
        ColumnReader.Named<bool>(attribute, "IsExpected"),
        ColumnReader.Named<int>(attribute, "ElementCase"),
        new(attribute.NamedArguments.Where(a => a.Key == "Renamed" && !a.Value.IsNull).SelectMany(a => a.Value.Values)
            .Select(v => v.Value as string ?? "")),
        ColumnReader.Named<string>(attribute, "PriceUnit"),
        ColumnReader.Named<string>(attribute, "TurnoverUnit"),
        new(attribute.NamedArguments.Where(a => !s_ownSettings.Contains(a.Key, StringComparer.Ordinal) && !a.Value.IsNull)
            .Select(a => $"{a.Key} = {CodeOf(a.Value)}")));

    private static string CodeOf(TypedConstant value) => value.Kind == TypedConstantKind.Enum
        ? $"({value.Type!.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)}){value.Value}"
        : value.ToCSharpString();
}
