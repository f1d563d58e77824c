using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KisFeed.Generator;

internal static class MemberReader
{
    public static IEnumerable<IPropertySymbol> FieldsOf(INamedTypeSymbol type) =>
        type.GetMembers().OfType<IPropertySymbol>()
            .Where(p => !p.IsStatic && !p.IsImplicitlyDeclared && p.SetMethod is { IsInitOnly: true });

    /// <summary>Reads a type marked with <c>[ColumnGroup]</c>.</summary>
    public static MemberModel Read(GeneratorAttributeSyntaxContext context, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var type = (INamedTypeSymbol)context.TargetSymbol;
        var mistakes = new List<DiagnosticModel>();
        RecordReader.CheckKind(type, (TypeDeclarationSyntax)context.TargetNode, mistakes);
        var fields = FieldsOf(type).Select(property =>
        {
            var kind = ColumnReader.KindOf(property, mistakes, out var codeEnum);
            return new FieldModel(property.Name, kind, codeEnum?.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat));
        }).ToList();
        return new MemberModel(
            type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString(),
            type.Name,
            new(fields),
            new(mistakes));
    }
}
