using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KisFeed.Generator;

/// <summary>Reads a record's attributes into a model, and notes every mistake.</summary>
internal static class RecordReader
{
    public static RecordModel Read(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        var syntax = (TypeDeclarationSyntax)context.TargetNode;
        var mistakes = new List<DiagnosticModel>();
        var where = syntax.Identifier.GetLocation();

        if (syntax is not RecordDeclarationSyntax || !type.IsValueType || !type.IsReadOnly || type.ContainingType is not null || !syntax.Modifiers.Any(SyntaxKind.PartialKeyword))
            mistakes.Add(DiagnosticModel.At(Diagnostics.NotPartialRecord, where, type.Name));

        cancellation.ThrowIfCancellationRequested();
        var columns = ReadColumns(type, mistakes);
        var keys = columns.Count(c => c.IsKey && c.Kind == ColumnKind.Text);
        if (keys != 1 || columns.Count(c => c.IsKey) != 1)
            mistakes.Add(DiagnosticModel.At(Diagnostics.KeyCount, where, type.Name, columns.Count(c => c.IsKey).ToString(System.Globalization.CultureInfo.InvariantCulture)));

        var revisions = ReadRevisions(type, columns.Count, mistakes, where);
        return new RecordModel(
            type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString(),
            type.Name,
            new(context.Attributes.Select(ReadFeed)),
            new(columns),
            new(revisions),
            new(mistakes));
    }

    private static List<ColumnModel> ReadColumns(INamedTypeSymbol type, List<DiagnosticModel> mistakes)
    {
        var columns = new List<ColumnModel>();
        foreach (var property in type.GetMembers().OfType<IPropertySymbol>())
        {
            var attribute = property.GetAttributes().FirstOrDefault(a => a.AttributeClass?.ToDisplayString() == "KisFeed.Feeds.ColumnAttribute");
            if (attribute is null)
                continue;
            var where = property.Locations[0];
            var element = attribute.ConstructorArguments[0].Value as string ?? "";
            if (element.Length == 0)
                mistakes.Add(DiagnosticModel.At(Diagnostics.EmptyElement, where, property.Name));
            if (columns.FirstOrDefault(c => c.Element.Equals(element, StringComparison.OrdinalIgnoreCase)) is { } twin)
                mistakes.Add(DiagnosticModel.At(Diagnostics.DuplicateElement, where, element, twin.Name));
            if (property.SetMethod is not { IsInitOnly: true })
                mistakes.Add(DiagnosticModel.At(Diagnostics.NoInit, where, property.Name));

            var kind = KindOf(property, mistakes, out var codeEnum);
            columns.Add(new ColumnModel(
                element,
                attribute.ConstructorArguments[1].Value as string ?? "",
                property.Name,
                Named<string>(attribute, "Unit"),
                Named<bool>(attribute, "IsKey"),
                Named<int>(attribute, "ZeroPadding"),
                kind,
                codeEnum?.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat),
                new(codeEnum is null ? [] : CodesOf(codeEnum))));
        }

        return columns;
    }

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
            if (field.ConstantValue is not ulong value)
                continue;
            var code = "";
            for (; value != 0; value >>= 8)
                code = (char)(value & 0xFF) + code;
            yield return new CodeModel(code, field.Name);
        }
    }

    private static List<RevisionModel> ReadRevisions(INamedTypeSymbol type, int columns, List<DiagnosticModel> mistakes, Location where)
    {
        var revisions = new List<RevisionModel>();
        foreach (var attribute in type.GetAttributes().Where(a => a.AttributeClass?.ToDisplayString() == "KisFeed.Feeds.RevisionAttribute"))
        {
            var argument = attribute.ConstructorArguments[0];
            var revision = argument.Kind == TypedConstantKind.Array
                ? new RevisionModel(argument.Values.Length, new EquatableArray<string>(argument.Values.Select(v => v.Value as string ?? "")))
                : new RevisionModel((int)(argument.Value ?? 0), null);
            if (revision.Elements is null && (revision.Width < 1 || revision.Width >= columns))
                mistakes.Add(DiagnosticModel.At(Diagnostics.InvalidRevision, where, type.Name, $"{revision.Width} is not a width below the record's {columns} columns"));
            else if (revision.Width == columns || revisions.Any(r => r.Width == revision.Width))
                mistakes.Add(DiagnosticModel.At(Diagnostics.InvalidRevision, where, type.Name, $"another layout has {revision.Width} columns, so the two cannot be told apart"));
            else if (revision.Elements is { } elements && elements.GroupBy(e => e, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice)
                mistakes.Add(DiagnosticModel.At(Diagnostics.InvalidRevision, where, type.Name, $"'{twice.Key}' stands twice"));
            revisions.Add(revision);
        }

        return revisions;
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
