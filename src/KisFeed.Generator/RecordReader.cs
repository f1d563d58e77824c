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

    private static readonly SymbolDisplayFormat s_typeFormat =
        SymbolDisplayFormat.FullyQualifiedFormat.AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>Reads the record; <see langword="null"/> for another part of a record that is reported already.</summary>
    public static RecordModel? Read(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        var syntax = (TypeDeclarationSyntax)context.TargetNode;
        var feeds = Attributes(type, "KisFeed.Feeds.FeedAttribute").ToList();
        if (feeds[0].ApplicationSyntaxReference is { } first && (first.SyntaxTree != syntax.SyntaxTree || !syntax.Span.Contains(first.Span)))
            return null;

        var mistakes = new List<DiagnosticModel>();
        var where = syntax.Identifier.GetLocation();
        if (syntax is not RecordDeclarationSyntax
            || !type.IsValueType
            || !type.IsReadOnly
            || type.ContainingType is not null
            || type.Arity > 0
            || type.IsFileLocal
            || !syntax.Modifiers.Any(SyntaxKind.PartialKeyword))
        {
            mistakes.Add(DiagnosticModel.At(Diagnostics.NotPartialRecord, where, type.Name));
        }

        cancellation.ThrowIfCancellationRequested();
        var columns = ReadColumns(type, mistakes, cancellation);
        var keys = columns.Count(c => c.IsKey && c.Kind == ColumnKind.Text);
        if (keys != 1 || columns.Count(c => c.IsKey) != 1)
            mistakes.Add(DiagnosticModel.At(Diagnostics.KeyCount, where, type.Name, columns.Count(c => c.IsKey).ToString(System.Globalization.CultureInfo.InvariantCulture)));

        CheckFeeds(type, feeds, mistakes, where, cancellation);
        var revisions = ReadRevisions(type, columns, mistakes, where, cancellation);
        return new RecordModel(
            type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString(),
            type.Name,
            new(feeds.Select(ReadFeed)),
            new(columns),
            new(revisions),
            type.GetMembers(nameof(Equals)).OfType<IMethodSymbol>().Any(m => !m.IsImplicitlyDeclared && m.Parameters.Length == 1 && SymbolEqualityComparer.Default.Equals(m.Parameters[0].Type, type)),
            new(mistakes));
    }

    /// <summary>Reads the TR IDs in the attributes of this part of a record.</summary>
    public static EquatableArray<FeedUse> ReadUses(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        var uses = new List<FeedUse>();
        foreach (var attribute in context.Attributes)
        {
            var where = Place(attribute, context.TargetNode.GetLocation(), cancellation);
            var feed = ReadFeed(attribute);
            foreach (var trId in new[] { feed.TrId, feed.MockTrId }.OfType<string>())
                uses.Add(new FeedUse(trId, context.TargetSymbol.Name, DiagnosticModel.At(Diagnostics.DuplicateTrId, where, trId)));
        }

        return new(uses);
    }

    private static void CheckFeeds(INamedTypeSymbol type, List<AttributeData> feeds, List<DiagnosticModel> mistakes, Location where, CancellationToken cancellation)
    {
        var members = new HashSet<string>(type.GetMembers().Select(m => m.Name), StringComparer.Ordinal);
        foreach (var attribute in feeds)
        {
            var feed = ReadFeed(attribute);
            foreach (var trId in new[] { feed.TrId, feed.MockTrId }.OfType<string>().Where(t => t.Length is 0 or > MaxTrIdLength || !t.All(IsLetterOrDigit)))
                Wrong($"\"{trId}\" is not a TR ID of 1 to 16 letters and digits");
            if (!SyntaxFacts.IsValidIdentifier(feed.Member))
                Wrong($"\"{feed.Member}\" is not a name for a property");
            else if (!members.Add(feed.Member))
                Wrong($"the record has a member {feed.Member} already; give this feed another Member");

            void Wrong(string what) => mistakes.Add(DiagnosticModel.At(Diagnostics.InvalidFeed, Place(attribute, where, cancellation), type.Name, what));
        }
    }

    private static bool IsLetterOrDigit(char c) => c is (>= '0' and <= '9') or (>= 'A' and <= 'Z') or (>= 'a' and <= 'z');

    private static IEnumerable<AttributeData> Attributes(ISymbol symbol, string name) =>
        symbol.GetAttributes().Where(a => a.AttributeClass?.ToDisplayString() == name);

    private static Location Place(AttributeData attribute, Location otherwise, CancellationToken cancellation) =>
        attribute.ApplicationSyntaxReference?.GetSyntax(cancellation).GetLocation() ?? otherwise;

    private static List<ColumnModel> ReadColumns(INamedTypeSymbol type, List<DiagnosticModel> mistakes, CancellationToken cancellation)
    {
        var columns = new List<ColumnModel>();
        foreach (var property in type.GetMembers().OfType<IPropertySymbol>())
        {
            var attribute = Attributes(property, "KisFeed.Feeds.ColumnAttribute").FirstOrDefault();
            if (attribute is null)
                continue;
            var where = property.Locations[0];
            var element = attribute.ConstructorArguments[0].Value as string ?? "";
            if (element.Length == 0)
                mistakes.Add(DiagnosticModel.At(Diagnostics.EmptyElement, where, property.Name));
            else if (columns.FirstOrDefault(c => c.Element.Equals(element, StringComparison.OrdinalIgnoreCase)) is { } twin)
                mistakes.Add(DiagnosticModel.At(Diagnostics.DuplicateElement, where, element, twin.Name));
            if (property.SetMethod is not { IsInitOnly: true })
                mistakes.Add(DiagnosticModel.At(Diagnostics.NoInit, where, property.Name));
            else if (!property.IsPartialDefinition)
                mistakes.Add(DiagnosticModel.At(Diagnostics.NotPartialProperty, where, property.Name));

            var kind = KindOf(property, mistakes, out var codeEnum);
            var column = new ColumnModel(
                element,
                attribute.ConstructorArguments[1].Value as string ?? "",
                property.Name,
                Named<string>(attribute, "Unit"),
                Named<bool>(attribute, "IsKey"),
                Named<int>(attribute, "ZeroPadding"),
                (ColumnRole)Named<int>(attribute, "Role"),
                kind,
                codeEnum?.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat),
                DeclarationOf(property, cancellation),
                new(codeEnum is null ? [] : CodesOf(codeEnum)));
            if (MistakeInRole(column, columns, where) is { } mistake)
                mistakes.Add(mistake);
            columns.Add(column);
        }

        return columns;
    }

    // Both parts of a property must have the same modifiers and type.
    private static string DeclarationOf(IPropertySymbol property, CancellationToken cancellation)
    {
        var modifiers = property.DeclaringSyntaxReferences[0].GetSyntax(cancellation) is PropertyDeclarationSyntax syntax ? syntax.Modifiers.Select(m => m.Text) : [];
        return string.Join(" ", [.. modifiers, property.Type.ToDisplayString(s_typeFormat)]);
    }

    private static DiagnosticModel? MistakeInRole(ColumnModel column, List<ColumnModel> before, Location where)
    {
        if (column.Role == ColumnRole.None)
            return null;
        if (column.Role == ColumnRole.Time && column.Kind != ColumnKind.Time)
            return DiagnosticModel.At(Diagnostics.RoleOfNoTime, where, column.Name, column.Role.ToString());
        if (column.Role != ColumnRole.Time && column.Kind is not (ColumnKind.Integer or ColumnKind.Decimal))
            return DiagnosticModel.At(Diagnostics.RoleOfNoNumber, where, column.Name, column.Role.ToString());
        if (column.Role is not (ColumnRole.CumulativeVolume or ColumnRole.CumulativeTurnover) && before.Find(c => c.Role == column.Role) is { } first)
            return DiagnosticModel.At(Diagnostics.SecondOfRole, where, column.Name, column.Role.ToString(), first.Name);
        return AmountOf(column.Role) is { } amount && before.Find(c => AmountOf(c.Role) == amount && c.Unit != column.Unit) is { } other
            ? DiagnosticModel.At(Diagnostics.RoleUnit, where, column.Name, other.Name, amount)
            : null;
    }

    // Columns that are summed or compared must have the same unit.
    private static string? AmountOf(ColumnRole role) => role switch
    {
        ColumnRole.CumulativeVolume or ColumnRole.TradeVolume or ColumnRole.NetVolume => "volumes",
        ColumnRole.CumulativeTurnover or ColumnRole.TradeTurnover or ColumnRole.NetTurnover => "turnovers",
        _ => null,
    };

    private static ColumnKind KindOf(IPropertySymbol property, List<DiagnosticModel> mistakes, out INamedTypeSymbol? codeEnum)
    {
        codeEnum = null;
        if (property.Type.SpecialType == SpecialType.System_String)
            return property.NullableAnnotation == NullableAnnotation.Annotated ? ColumnKind.OptionalText : ColumnKind.Text;

        if (property.Type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable
            && nullable.TypeArguments[0] is INamedTypeSymbol underlying)
        {
            if (underlying.SpecialType == SpecialType.System_Int64)
                return ColumnKind.Integer;
            if (underlying.SpecialType == SpecialType.System_Decimal)
                return ColumnKind.Decimal;
            if (underlying.ToDisplayString() == "System.TimeOnly")
                return ColumnKind.Time;
            if (underlying.TypeKind == TypeKind.Enum)
            {
                codeEnum = underlying;
                if (underlying.EnumUnderlyingType?.SpecialType != SpecialType.System_UInt64)
                    mistakes.Add(DiagnosticModel.At(Diagnostics.EnumNotUlong, property.Locations[0], property.Name, underlying.Name));
                return ColumnKind.Code;
            }
        }

        mistakes.Add(DiagnosticModel.At(Diagnostics.UnsupportedType, property.Locations[0], property.Name, property.Type.ToDisplayString()));
        return ColumnKind.Text;
    }

    private static IEnumerable<CodeModel> CodesOf(INamedTypeSymbol type)
    {
        foreach (var field in type.GetMembers().OfType<IFieldSymbol>())
        {
            if (field.ConstantValue is not ulong value || value == 0)
                continue;
            var code = "";
            for (; value != 0; value >>= 8)
                code = (char)(value & 0xFF) + code;
            yield return new CodeModel(code, field.Name);
        }
    }

    private static List<RevisionModel> ReadRevisions(INamedTypeSymbol type, List<ColumnModel> columns, List<DiagnosticModel> mistakes, Location where, CancellationToken cancellation)
    {
        var revisions = new List<RevisionModel>();
        foreach (var attribute in Attributes(type, "KisFeed.Feeds.RevisionAttribute"))
        {
            // A null array, as in [Revision(null)], has no values.
            var argument = attribute.ConstructorArguments[0];
            var values = argument.Kind == TypedConstantKind.Array && !argument.IsNull ? argument.Values : [];
            var revision = argument.Kind == TypedConstantKind.Array
                ? new RevisionModel(values.Length, new EquatableArray<string>(values.Select(v => v.Value as string ?? "")))
                : new RevisionModel((int)(argument.Value ?? 0), null);
            if (MistakeIn(revision, revisions, columns) is { } mistake)
                mistakes.Add(DiagnosticModel.At(Diagnostics.InvalidRevision, Place(attribute, where, cancellation), type.Name, mistake));
            revisions.Add(revision);
        }

        if (columns.Count > MaxWidth)
            mistakes.Add(DiagnosticModel.At(Diagnostics.InvalidRevision, where, type.Name, $"the record has {columns.Count} columns, more than {MaxWidth}"));
        return revisions;
    }

    private static string? MistakeIn(RevisionModel revision, List<RevisionModel> others, List<ColumnModel> columns)
    {
        if (revision.Elements is null && (revision.Width < 1 || revision.Width >= columns.Count))
            return $"{revision.Width} is not a width below the record's {columns.Count} columns";
        if (revision.Width is 0 or > MaxWidth)
            return $"it has {revision.Width} columns, not 1 to {MaxWidth}";
        if (revision.Width == columns.Count || others.Any(r => r.Width == revision.Width))
            return $"another layout has {revision.Width} columns, so the two cannot be distinguished";
        var elements = revision.Elements is { } named ? named.ToList() : columns.Take(revision.Width).Select(c => c.Element).ToList();
        if (elements.Any(e => e.Length == 0))
            return "an element is empty";
        if (elements.GroupBy(e => e, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice)
            return $"'{twice.Key}' occurs twice";
        return columns.FirstOrDefault(c => c.IsKey) is { } key && !elements.Contains(key.Element, StringComparer.OrdinalIgnoreCase)
            ? $"the key '{key.Element}' is missing"
            : null;
    }

    private static FeedModel ReadFeed(AttributeData attribute) => new(
        attribute.ConstructorArguments[0].Value as string ?? "",
        Named<string>(attribute, "Member") ?? "Feed",
        Named<string>(attribute, "MockTrId"),
        Named<string>(attribute, "Alias") ?? "",
        Named<string>(attribute, "Korean") ?? "",
        Named<string>(attribute, "Document"),
        Named<string>(attribute, "KeyMeaning") ?? "",
        Named<string>(attribute, "KeyExample") ?? "",
        Named<bool>(attribute, "IsNotice"));

    private static T? Named<T>(AttributeData attribute, string name) =>
        attribute.NamedArguments.FirstOrDefault(a => a.Key == name).Value.Value is T value ? value : default;
}
