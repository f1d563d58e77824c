using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace KisFeed.Generator;

/// <summary>The diagnostics that the generator reports for a feed's record.</summary>
internal static class Diagnostics
{
    public static readonly DiagnosticDescriptor DuplicateElement = Error(
        "KISFEED001", "An element occurs twice", "The element '{0}' already belongs to the property '{1}'");
    public static readonly DiagnosticDescriptor UnsupportedType =
        Error("KISFEED002", "A column has an unsupported type", "The property '{0}' has the type '{1}'; a column is string, string?, "
            + "long?, decimal?, TimeOnly?, DateOnly? or a nullable enum over ulong, since any value may be absent");
    public static readonly DiagnosticDescriptor NotPartialRecord = Error(
        "KISFEED003",
        "A feed's record has the wrong kind",
        "'{0}' must be a top-level 'readonly partial record struct' without type parameters");
    public static readonly DiagnosticDescriptor EnumNotUlong = Error("KISFEED004", "A code enum is too narrow",
        "The enum '{1}' of '{0}' must be over ulong, so that it can keep any code of up to eight characters");
    public static readonly DiagnosticDescriptor KeyCount = Error(
        "KISFEED005", "A feed's record needs one key", "'{0}' marks {1} columns as key; exactly one text column holds the tr_key");
    public static readonly DiagnosticDescriptor DuplicateTrId = Error(
        "KISFEED006", "A TR ID occurs twice", "The TR ID '{0}' already belongs to '{1}'");
    public static readonly DiagnosticDescriptor InvalidRevision = Error(
        "KISFEED007", "A revision does not fit its record", "A revision of '{0}' is wrong: {1}");
    public static readonly DiagnosticDescriptor NoInit = Error(
        "KISFEED008", "A column cannot be set", "The property '{0}' needs an init accessor");
    public static readonly DiagnosticDescriptor EmptyElement = Error(
        "KISFEED009", "A column has no element", "The property '{0}' needs the element name that the broker's document gives the column");

    public static readonly DiagnosticDescriptor InvalidFeed = Error(
        "KISFEED010", "A feed attribute is wrong", "A feed of '{0}' is wrong: {1}");
    public static readonly DiagnosticDescriptor RoleOfNoNumber = Error(
        "KISFEED011",
        "A role is on a column that is not a number",
        "The property '{0}' has the role {1}, which only a long? or a decimal? can have");
    public static readonly DiagnosticDescriptor SecondOfRole = Error(
        "KISFEED012", "A role occurs twice", "The property '{0}' has the role {1}, which '{2}' has already; a record has one column of it");
    public static readonly DiagnosticDescriptor RoleUnit = Error(
        "KISFEED013",
        "Volumes or turnovers have different units",
        "The property '{0}' has another unit than '{1}', so that the two {2} cannot be added up");
    public static readonly DiagnosticDescriptor RoleOfNoTime = Error(
        "KISFEED014", "The time role is on another column", "The property '{0}' has the role {1}, which only a {2} can have");
    public static readonly DiagnosticDescriptor NotPartialProperty = Error(
        "KISFEED015", "A column is not partial", "The property '{0}' must be partial: how its value is kept is generated");

    public static readonly DiagnosticDescriptor InvalidGroup = Error(
        "KISFEED016", "A column of a group is wrong", "A column of a group of '{0}' is wrong: {1}");

    private static DiagnosticDescriptor Error(string id, string title, string message) =>
        new(id, title, message, "KisFeed", DiagnosticSeverity.Error, isEnabledByDefault: true);
}

/// <summary>A diagnostic without a reference to the syntax tree, so that the model stays comparable.</summary>
internal sealed record DiagnosticModel(
    DiagnosticDescriptor Descriptor, string Path, TextSpan Span, LinePositionSpan Lines, string Argument1, string Argument2,
    string Argument3)
{
    public static DiagnosticModel At(
        DiagnosticDescriptor descriptor, Location location, string argument1, string argument2 = "", string argument3 = "")
    {
        var lines = location.GetLineSpan();
        return new DiagnosticModel(descriptor, lines.Path, location.SourceSpan, lines.Span, argument1, argument2, argument3);
    }

    public Diagnostic ToDiagnostic() =>
        Diagnostic.Create(Descriptor, Location.Create(Path, Span, Lines), Argument1, Argument2, Argument3);
}
