using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace KisFeed.Generator;

/// <summary>A mistake found in a record, kept without the syntax tree so that the model stays comparable.</summary>
internal sealed record DiagnosticModel(string Id, string Path, TextSpan Span, LinePositionSpan Lines, string Argument1, string Argument2, string Argument3)
{
    public static DiagnosticModel At(DiagnosticDescriptor descriptor, Location location, string argument1, string argument2 = "", string argument3 = "")
    {
        var lines = location.GetLineSpan();
        return new DiagnosticModel(descriptor.Id, lines.Path, location.SourceSpan, lines.Span, argument1, argument2, argument3);
    }

    public Diagnostic ToDiagnostic() =>
        Diagnostic.Create(Diagnostics.ById(Id), Location.Create(Path, Span, Lines), Argument1, Argument2, Argument3);
}
