using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace KisFeed.Architecture.Tests;

/// <summary>Lists the public API of an assembly as C# declarations, one a line, in a stable order.</summary>
internal static class PublicApi
{
    private static readonly SymbolDisplayFormat s_type = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters
            | SymbolDisplayGenericsOptions.IncludeVariance
            | SymbolDisplayGenericsOptions.IncludeTypeConstraints,
        delegateStyle: SymbolDisplayDelegateStyle.NameAndSignature,
        parameterOptions: SymbolDisplayParameterOptions.IncludeType
            | SymbolDisplayParameterOptions.IncludeName
            | SymbolDisplayParameterOptions.IncludeParamsRefOut,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes
            | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    private static readonly SymbolDisplayFormat s_member = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeTypeConstraints,
        memberOptions: SymbolDisplayMemberOptions.IncludeType | SymbolDisplayMemberOptions.IncludeModifiers
            | SymbolDisplayMemberOptions.IncludeAccessibility
            | SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeConstantValue
            | SymbolDisplayMemberOptions.IncludeRef | SymbolDisplayMemberOptions.IncludeExplicitInterface,
        parameterOptions: SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeName
            | SymbolDisplayParameterOptions.IncludeParamsRefOut
            | SymbolDisplayParameterOptions.IncludeDefaultValue | SymbolDisplayParameterOptions.IncludeExtensionThis,
        propertyStyle: SymbolDisplayPropertyStyle.ShowReadWriteDescriptor,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes
            | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>The declarations of an assembly's public types and of their public and protected members.</summary>
    /// <param name="path">The assembly's file.</param>
    /// <param name="references">The files of the assemblies that it may refer to.</param>
    public static IReadOnlyList<string> Of(string path, IEnumerable<string> references)
    {
        var assembly = MetadataReference.CreateFromFile(path);
        var others = references.Where(file => !string.Equals(Path.GetFileName(file), Path.GetFileName(path), StringComparison.Ordinal))
            .Select(file => MetadataReference.CreateFromFile(file));
        var compilation = CSharpCompilation.Create("listing", references: [assembly, .. others]);
        var symbol = (IAssemblySymbol)compilation.GetAssemblyOrModuleSymbol(assembly)!;
        return
        [
            .. TypesIn(symbol.GlobalNamespace).OrderBy(type => type.ToDisplayString(s_type), StringComparer.Ordinal).SelectMany(LinesOf),
        ];
    }

    private static IEnumerable<INamedTypeSymbol> TypesIn(INamespaceOrTypeSymbol container)
    {
        foreach (var member in container.GetMembers())
        {
            if (member is INamespaceSymbol inner)
            {
                foreach (var type in TypesIn(inner))
                    yield return type;
            }
            else if (member is INamedTypeSymbol type && IsVisible(type))
            {
                yield return type;
                foreach (var nested in TypesIn(type))
                    yield return nested;
            }
        }
    }

    private static IEnumerable<string> LinesOf(INamedTypeSymbol type)
    {
        yield return Declare(type);
        if (type.TypeKind == TypeKind.Delegate)
            yield break;
        var members = type.GetMembers()
            .Where(member => member is not INamedTypeSymbol && IsVisible(member) && !IsAccessor(member) && !IsGenerated(member))
            .Select(member => member.ToDisplayString(s_member));
        foreach (var line in members.Order(StringComparer.Ordinal))
            yield return $"    {line}";
    }

    private static string Declare(INamedTypeSymbol type)
    {
        string[] modifiers =
        [
            type.DeclaredAccessibility == Accessibility.Public ? "public" : "protected",
            .. type switch
            {
                { TypeKind: TypeKind.Class, IsStatic: true } => ["static"],
                { TypeKind: TypeKind.Class, IsSealed: true } => ["sealed"],
                { TypeKind: TypeKind.Class, IsAbstract: true } => ["abstract"],
                { TypeKind: TypeKind.Struct } => (string[])[.. type.IsReadOnly ? ["readonly"] : Array.Empty<string>(), .. type.IsRefLikeType
                    ? ["ref"]
                    : Array.Empty<string>()],
                _ => [],
            },
            type switch
            {
                { TypeKind: TypeKind.Class, IsRecord: true } => "record",
                { IsRecord: true } => "record struct",
                _ => type.TypeKind.ToString().ToLower(CultureInfo.InvariantCulture),
            },
        ];
        var bases = type.TypeKind is TypeKind.Delegate or TypeKind.Enum
            ? []
            : ImmutableArray.CreateRange(type.Interfaces.Where(i => i.DeclaredAccessibility == Accessibility.Public)
                .Select(i => i.ToDisplayString(s_type))
                .Order(StringComparer.Ordinal));
        if (type.BaseType is { SpecialType: SpecialType.None } parent && type.TypeKind == TypeKind.Class)
            bases = bases.Insert(0, parent.ToDisplayString(s_type));
        return $"{string.Join(' ', modifiers)} {type.ToDisplayString(s_type)}{(bases.Length > 0 ? $" : {string.Join(", ", bases)}" : "")}";
    }

    private static bool IsVisible(ISymbol symbol) =>
        symbol.DeclaredAccessibility == Accessibility.Public
        || symbol.DeclaredAccessibility is Accessibility.Protected or Accessibility.ProtectedOrInternal
            && symbol.ContainingType is { IsSealed: false };

    private static bool IsAccessor(ISymbol member) => member is IMethodSymbol { AssociatedSymbol: not null };

    // The compiler's members of records, and default constructors of enums and structs.
    private static bool IsGenerated(ISymbol member) =>
        member is IMethodSymbol method
        && (method.GetAttributes().Any(a => a.AttributeClass?.Name == "CompilerGeneratedAttribute")
            || method is { MethodKind: MethodKind.Constructor, Parameters.IsEmpty: true, ContainingType.IsValueType: true });
}
