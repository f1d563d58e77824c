using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KisFeed.Generator;

/// <summary>Reads the columns of a record, and its groups of columns, in the order of the layout.</summary>
internal sealed class ColumnReader
{
    private const string RepeatedType = "KisFeed.Wire.Repeated<T>";

    private static readonly SymbolDisplayFormat s_typeFormat = SymbolDisplayFormat.FullyQualifiedFormat.AddMiscellaneousOptions(
        SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    private readonly INamedTypeSymbol _type;
    private readonly List<DiagnosticModel> _mistakes;
    private readonly CancellationToken _cancellation;
    private readonly List<ColumnModel> _columns = [];

    public ColumnReader(INamedTypeSymbol type, List<DiagnosticModel> mistakes, CancellationToken cancellation)
    {
        _type = type;
        _mistakes = mistakes;
        _cancellation = cancellation;
        foreach (var property in type.GetMembers().OfType<IPropertySymbol>())
        {
            cancellation.ThrowIfCancellationRequested();
            if (Attributes(property, "KisFeed.Feeds.ColumnAttribute").FirstOrDefault() is { } column)
                ReadColumn(property, column);
            ReadGroupColumns(property);
        }

        Groups = [.. _columns.Where(c => c.Group is not null).GroupBy(c => c.Group!, StringComparer.Ordinal).Select(GroupOf)];
    }

    public List<ColumnModel> Columns => _columns;

    public List<GroupModel> Groups { get; }

    public static IEnumerable<AttributeData> Attributes(ISymbol symbol, string name) =>
        symbol.GetAttributes().Where(a => a.AttributeClass?.ToDisplayString() == name);

    public static T? Named<T>(AttributeData attribute, string name) =>
        attribute.NamedArguments.FirstOrDefault(a => a.Key == name).Value.Value is T value ? value : default;

    /// <summary>The kind of a property; reports an unsupported type.</summary>
    public static ColumnKind KindOf(IPropertySymbol property, List<DiagnosticModel> mistakes, out INamedTypeSymbol? codeEnum)
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
            if (underlying.ToDisplayString() == "System.DateOnly")
                return ColumnKind.Date;
            if (underlying.TypeKind == TypeKind.Enum)
            {
                codeEnum = underlying;
                if (underlying.EnumUnderlyingType?.SpecialType != SpecialType.System_UInt64)
                    mistakes.Add(DiagnosticModel.At(Diagnostics.EnumNotUlong, property.Locations[0], property.Name, underlying.Name));
                return ColumnKind.Code;
            }
        }

        mistakes.Add(
            DiagnosticModel.At(Diagnostics.UnsupportedType, property.Locations[0], property.Name, property.Type.ToDisplayString()));
        return ColumnKind.Text;
    }

    private void ReadColumn(IPropertySymbol property, AttributeData attribute)
    {
        var where = property.Locations[0];
        CheckProperty(property);
        var kind = KindOf(property, _mistakes, out var codeEnum);
        Add(where, new ColumnModel(
            attribute.ConstructorArguments[0].Value as string ?? "",
            attribute.ConstructorArguments[1].Value as string ?? "",
            property.Name,
            Named<string>(attribute, "Unit"),
            Named<bool>(attribute, "IsKey"),
            Named<int>(attribute, "ZeroPadding"),
            (ColumnRole)Named<int>(attribute, "Role"),
            kind,
            codeEnum?.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat),
            DeclarationOf(property),
            SummaryOf(property),
            new(codeEnum is null ? [] : CodesOf(codeEnum)),
            SignedBy: Named<string>(attribute, "SignedBy"),
            IsScaled: Named<bool>(attribute, "IsScaled")));
    }

    // Adjacent interleaved attributes are read together, member by member.
    private void ReadGroupColumns(IPropertySymbol property)
    {
        var attributes = Attributes(property, "KisFeed.Feeds.GroupColumnAttribute").ToList();
        for (var i = 0; i < attributes.Count;)
        {
            var run = 1;
            if (Named<bool>(attributes[i], "Interleaved"))
                run = attributes.Skip(i).TakeWhile(a => Named<bool>(a, "Interleaved") && RangeOf(a) == RangeOf(attributes[i])).Count();
            var (first, last) = RangeOf(attributes[i]);
            for (var member = first; member <= last; member++)
            {
                foreach (var attribute in attributes.Skip(i).Take(run))
                    ReadGroupColumn(property, attribute, member);
            }

            i += run;
        }
    }

    private static (int First, int Last) RangeOf(AttributeData attribute)
    {
        var first = Named<int>(attribute, "First");
        return (first, Math.Max(first, Named<int>(attribute, "Last")));
    }

    private void ReadGroupColumn(IPropertySymbol property, AttributeData attribute, int member)
    {
        var where = attribute.ApplicationSyntaxReference?.GetSyntax(_cancellation).GetLocation() ?? property.Locations[0];
        var group = attribute.ConstructorArguments[2].Value as string ?? "";
        var field = attribute.ConstructorArguments[3].Value as string ?? "";
        if (_type.GetMembers(group).OfType<IPropertySymbol>().FirstOrDefault() is not { } holder)
        {
            Wrong($"the record has no property {group}");
            return;
        }

        if (MemberOf(holder.Type, out var isRepeated) is not { } type || !Attributes(type, "KisFeed.Feeds.ColumnGroupAttribute").Any())
        {
            Wrong($"{group} is neither a type marked with [ColumnGroup] nor Repeated<> of one");
            return;
        }

        if (isRepeated != member > 0)
        {
            Wrong(isRepeated ? $"{group} has several members: First is missing" : $"{group} has one member: First must be 0");
            return;
        }

        if (type.GetMembers(field).OfType<IPropertySymbol>().FirstOrDefault() is not { } target)
        {
            Wrong($"{type.Name} has no property {field}");
            return;
        }

        var kind = KindOf(target, _mistakes, out var codeEnum);
        Add(where, new ColumnModel(
            Numbered(attribute.ConstructorArguments[0], member),
            Numbered(attribute.ConstructorArguments[1], member),
            $"{(isRepeated && group.EndsWith("s", StringComparison.Ordinal) ? group.Substring(0, group.Length - 1) : group)}{field}"
                + $"{(isRepeated ? member.ToString(System.Globalization.CultureInfo.InvariantCulture) : "")}",
            Named<string>(attribute, "Unit"),
            IsKey: false,
            ZeroPadding: 0,
            (ColumnRole)Named<int>(attribute, "Role"),
            kind,
            codeEnum?.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat),
            "",
            null,
            new(codeEnum is null ? [] : CodesOf(codeEnum)),
            group,
            member - 1,
            field,
            IsScaled: Named<bool>(attribute, "IsScaled")));

        void Wrong(string what) => _mistakes.Add(DiagnosticModel.At(Diagnostics.InvalidGroup, where, _type.Name, what));
    }

    private static string Numbered(TypedConstant text, int member) =>
        (text.Value as string ?? "").Replace("{0}", member.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private void Add(Location where, ColumnModel column)
    {
        if (column.Element.Length == 0)
            _mistakes.Add(DiagnosticModel.At(Diagnostics.EmptyElement, where, column.Name));
        else if (_columns.Find(c => c.Element.Equals(column.Element, StringComparison.OrdinalIgnoreCase)) is { } twin)
            _mistakes.Add(DiagnosticModel.At(Diagnostics.DuplicateElement, where, column.Element, twin.Name));
        if (column.Group is not null
            && _columns.Exists(c => c.Group == column.Group && c.GroupIndex == column.GroupIndex && c.Field == column.Field))
        {
            _mistakes.Add(DiagnosticModel.At(Diagnostics.InvalidGroup, where, _type.Name, $"{column.Name} has a column already"));
        }
        if (MistakeInRole(column, where) is { } mistake)
            _mistakes.Add(mistake);
        _columns.Add(column);
    }

    private GroupModel GroupOf(IGrouping<string, ColumnModel> columns)
    {
        var property = _type.GetMembers(columns.Key).OfType<IPropertySymbol>().First();
        CheckProperty(property);
        var type = MemberOf(property.Type, out var isRepeated)!;
        List<string> fields = [.. MemberReader.FieldsOf(type).Select(p => p.Name)];
        var count = columns.Max(c => c.GroupIndex) + 1;
        var indexes = new List<int>();
        for (var member = isRepeated ? 0 : -1; member < count; member++)
        {
            indexes.AddRange(
                fields.Select(field => _columns.FindIndex(c => c.Group == columns.Key && c.GroupIndex == member && c.Field == field)));
        }
        return new GroupModel(
            property.Name, DeclarationOf(property), SummaryOf(property), type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat),
            isRepeated, fields.Count, new(indexes));
    }

    private static INamedTypeSymbol? MemberOf(ITypeSymbol type, out bool isRepeated)
    {
        isRepeated = type is INamedTypeSymbol { IsGenericType: true } generic
            && generic.OriginalDefinition.ToDisplayString() == RepeatedType;
        return (isRepeated ? ((INamedTypeSymbol)type).TypeArguments[0] : type) as INamedTypeSymbol;
    }

    private void CheckProperty(IPropertySymbol property)
    {
        if (property.SetMethod is not { IsInitOnly: true })
            _mistakes.Add(DiagnosticModel.At(Diagnostics.NoInit, property.Locations[0], property.Name));
        else if (!property.IsPartialDefinition)
            _mistakes.Add(DiagnosticModel.At(Diagnostics.NotPartialProperty, property.Locations[0], property.Name));
    }

    // Both parts of a property must have the same modifiers and type.
    private string DeclarationOf(IPropertySymbol property)
    {
        var modifiers = property.DeclaringSyntaxReferences[0].GetSyntax(_cancellation) is PropertyDeclarationSyntax syntax
            ? syntax.Modifiers.Select(m => m.Text)
            : [];
        return string.Join(" ", [.. modifiers, property.Type.ToDisplayString(s_typeFormat)]);
    }

    // Only of the records of this library: a name may mean something else in those of its users.
    private string? SummaryOf(IPropertySymbol property) => property.ContainingNamespace.ToDisplayString() != "KisFeed.Feeds" ? null :
        PropertySummaries.Of(property.Name, property.DeclaringSyntaxReferences[0].GetSyntax(_cancellation));

    private DiagnosticModel? MistakeInRole(ColumnModel column, Location where)
    {
        if (column.Role == ColumnRole.None)
            return null;
        if (column.Role == ColumnRole.Time && column.Kind != ColumnKind.Time)
            return DiagnosticModel.At(Diagnostics.RoleOfNoTime, where, column.Name, column.Role.ToString(), "TimeOnly?");
        if (column.Role == ColumnRole.Date && column.Kind != ColumnKind.Date)
            return DiagnosticModel.At(Diagnostics.RoleOfNoTime, where, column.Name, column.Role.ToString(), "DateOnly?");
        if (column.Role is not (ColumnRole.Time or ColumnRole.Date) && column.Kind is not (ColumnKind.Integer or ColumnKind.Decimal))
            return DiagnosticModel.At(Diagnostics.RoleOfNoNumber, where, column.Name, column.Role.ToString());
        if (column.Role is not (ColumnRole.CumulativeVolume or ColumnRole.CumulativeTurnover)
            && _columns.Find(c => c.Role == column.Role) is { } first)
        {
            return DiagnosticModel.At(Diagnostics.SecondOfRole, where, column.Name, column.Role.ToString(), first.Name);
        }
        return AmountOf(column.Role) is { } amount && _columns.Find(c => AmountOf(c.Role) == amount && c.Unit != column.Unit) is { } other
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

    private static string KoreanOf(IFieldSymbol field) =>
        Attributes(field, "KisFeed.Feeds.CodeNameAttribute").FirstOrDefault()?.ConstructorArguments[0].Value as string ?? "";

    private static IEnumerable<CodeModel> CodesOf(INamedTypeSymbol type)
    {
        foreach (var field in type.GetMembers().OfType<IFieldSymbol>())
        {
            if (field.ConstantValue is not ulong value || value == 0)
                continue;
            var code = "";
            for (; value != 0; value >>= 8)
                code = (char)(value & 0xFF) + code;
            yield return new CodeModel(code, field.Name, KoreanOf(field));
        }
    }
}
