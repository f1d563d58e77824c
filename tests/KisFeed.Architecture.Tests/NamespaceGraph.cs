using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace KisFeed.Architecture.Tests;

/// <summary>
/// Which namespaces of an assembly use which others, its own and those of other assemblies: read from its metadata and the instructions of
/// its methods. The namespace named like the assembly holds the public types: those that everything below uses, such as options, and those
/// that put everything together. Each of its types is therefore a node of its own.
/// </summary>
internal sealed class NamespaceGraph
{
    private readonly MetadataReader _metadata;
    private readonly PEReader _file;
    private readonly Dictionary<(string From, string To), string> _edges = [];
    private readonly TypeNames _names;

    private NamespaceGraph(PEReader file)
    {
        _file = file;
        _metadata = file.GetMetadataReader();
        _names = new TypeNames(_metadata.GetString(_metadata.GetAssemblyDefinition().Name));
    }

    /// <summary>The edges between different nodes, each with one type and member as an example.</summary>
    public static IReadOnlyDictionary<(string From, string To), string> Of(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        var graph = new NamespaceGraph(file);
        foreach (var type in graph._metadata.TypeDefinitions)
            graph.AddType(type);
        return graph._edges;
    }

    /// <summary>Whether a node is a type of the root namespace.</summary>
    public static bool IsType(string node) => node.Contains(':', StringComparison.Ordinal);

    /// <summary>The namespace of a node.</summary>
    public static string NamespaceOf(string node) => node.Split(':')[0];

    private void AddType(TypeDefinitionHandle handle)
    {
        var type = _metadata.GetTypeDefinition(handle);
        var from = _names.NodeOf(_metadata, handle);
        var name = _metadata.GetString(type.Name);
        if (from.Length == 0)
            return;
        Add(from, type.BaseType, name);
        foreach (var parent in type.GetInterfaceImplementations())
            Add(from, _metadata.GetInterfaceImplementation(parent).Interface, name);
        foreach (var parameter in type.GetGenericParameters())
            AddConstraints(from, parameter, name);
        AddAttributes(from, type.GetCustomAttributes(), name);
        foreach (var field in type.GetFields().Select(_metadata.GetFieldDefinition))
        {
            Add(from, field.DecodeSignature(_names, null), $"{name}.{_metadata.GetString(field.Name)}");
            AddAttributes(from, field.GetCustomAttributes(), name);
        }

        foreach (var property in type.GetProperties().Select(_metadata.GetPropertyDefinition))
            AddAttributes(from, property.GetCustomAttributes(), name);
        foreach (var method in type.GetMethods().Select(_metadata.GetMethodDefinition))
            AddMethod(from, method, $"{name}.{_metadata.GetString(method.Name)}");
    }

    private void AddMethod(string from, MethodDefinition method, string where)
    {
        var signature = method.DecodeSignature(_names, null);
        Add(from, signature.ReturnType, where);
        foreach (var parameter in signature.ParameterTypes)
            Add(from, parameter, where);
        foreach (var parameter in method.GetGenericParameters())
            AddConstraints(from, parameter, where);
        AddAttributes(from, method.GetCustomAttributes(), where);
        if (method.RelativeVirtualAddress == 0)
            return;
        var body = _file.GetMethodBody(method.RelativeVirtualAddress);
        if (!body.LocalSignature.IsNil)
        {
            foreach (var local in _metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(_names, null))
                Add(from, local, where);
        }

        foreach (var region in body.ExceptionRegions.Where(region => region.Kind == ExceptionRegionKind.Catch))
            Add(from, region.CatchType, where);
        foreach (var token in Instructions.TokensIn(body.GetILReader()))
            Add(from, token, where);
    }

    private void AddConstraints(string from, GenericParameterHandle parameter, string where)
    {
        foreach (var constraint in _metadata.GetGenericParameter(parameter).GetConstraints())
            Add(from, _metadata.GetGenericParameterConstraint(constraint).Type, where);
    }

    private void AddAttributes(string from, CustomAttributeHandleCollection attributes, string where)
    {
        foreach (var attribute in attributes)
            Add(from, _metadata.GetCustomAttribute(attribute).Constructor, where);
    }

    private void Add(string from, EntityHandle used, string where)
    {
        if (used.IsNil)
            return;
        switch (used.Kind)
        {
            case HandleKind.TypeDefinition:
                Add(from, [_names.NodeOf(_metadata, (TypeDefinitionHandle)used)], where);
                break;
            case HandleKind.TypeReference:
                Add(from, [TypeNames.NamespaceOf(_metadata, (TypeReferenceHandle)used)], where);
                break;
            case HandleKind.TypeSpecification:
                Add(from, _metadata.GetTypeSpecification((TypeSpecificationHandle)used).DecodeSignature(_names, null), where);
                break;
            case HandleKind.MethodDefinition:
                Add(from, _metadata.GetMethodDefinition((MethodDefinitionHandle)used).GetDeclaringType(), where);
                break;
            case HandleKind.FieldDefinition:
                Add(from, _metadata.GetFieldDefinition((FieldDefinitionHandle)used).GetDeclaringType(), where);
                break;
            case HandleKind.MemberReference:
                Add(from, _metadata.GetMemberReference((MemberReferenceHandle)used).Parent, where);
                break;
            case HandleKind.MethodSpecification:
                var specification = _metadata.GetMethodSpecification((MethodSpecificationHandle)used);
                Add(from, specification.Method, where);
                foreach (var argument in specification.DecodeSignature(_names, null))
                    Add(from, argument, where);
                break;
        }
    }

    private void Add(string from, IEnumerable<string> namespaces, string where)
    {
        foreach (var to in namespaces)
        {
            if (to != from && (to == "KisFeed" || to.StartsWith("KisFeed.", StringComparison.Ordinal)))
                _edges.TryAdd((from, to), where);
        }
    }

    /// <summary>Reduces a signature to the nodes of the types in it.</summary>
    private sealed class TypeNames(string assembly) : ISignatureTypeProvider<ImmutableHashSet<string>, object?>
    {
        private static readonly ImmutableHashSet<string> s_none = [];

        public string NodeOf(MetadataReader reader, TypeDefinitionHandle handle)
        {
            var type = reader.GetTypeDefinition(handle);
            if (type.GetDeclaringType() is { IsNil: false } outer)
                return NodeOf(reader, outer);
            var name = reader.GetString(type.Namespace);
            return name == assembly ? $"{name}:{reader.GetString(type.Name).Split('`')[0]}" : name;
        }

        public static string NamespaceOf(MetadataReader reader, TypeReferenceHandle handle)
        {
            var type = reader.GetTypeReference(handle);
            return type.ResolutionScope.Kind == HandleKind.TypeReference
                ? NamespaceOf(reader, (TypeReferenceHandle)type.ResolutionScope)
                : reader.GetString(type.Namespace);
        }

        public ImmutableHashSet<string> GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
            [NodeOf(reader, handle)];

        public ImmutableHashSet<string> GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) =>
            [NamespaceOf(reader, handle)];

        public ImmutableHashSet<string> GetTypeFromSpecification(
            MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

        public ImmutableHashSet<string> GetGenericInstantiation(
            ImmutableHashSet<string> genericType, ImmutableArray<ImmutableHashSet<string>> typeArguments) =>
            typeArguments.Aggregate(genericType, (all, next) => all.Union(next));

        public ImmutableHashSet<string> GetFunctionPointerType(MethodSignature<ImmutableHashSet<string>> signature) =>
            signature.ParameterTypes.Aggregate(signature.ReturnType, (all, next) => all.Union(next));

        public ImmutableHashSet<string> GetModifiedType(
            ImmutableHashSet<string> modifier, ImmutableHashSet<string> unmodifiedType, bool isRequired) =>
            unmodifiedType;

        public ImmutableHashSet<string> GetArrayType(ImmutableHashSet<string> elementType, ArrayShape shape) => elementType;

        public ImmutableHashSet<string> GetByReferenceType(ImmutableHashSet<string> elementType) => elementType;

        public ImmutableHashSet<string> GetPinnedType(ImmutableHashSet<string> elementType) => elementType;

        public ImmutableHashSet<string> GetPointerType(ImmutableHashSet<string> elementType) => elementType;

        public ImmutableHashSet<string> GetSZArrayType(ImmutableHashSet<string> elementType) => elementType;

        public ImmutableHashSet<string> GetGenericMethodParameter(object? genericContext, int index) => s_none;

        public ImmutableHashSet<string> GetGenericTypeParameter(object? genericContext, int index) => s_none;

        public ImmutableHashSet<string> GetPrimitiveType(PrimitiveTypeCode typeCode) => s_none;
    }

    /// <summary>Reads the instructions of a method.</summary>
    private static class Instructions
    {
        private const int TwoBytes = 0xFE;

        private static readonly Dictionary<int, OperandType> s_operands = typeof(OpCodes)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (OpCode)field.GetValue(null)!)
            .ToDictionary(code => code.Value & 0xFFFF, code => code.OperandType);

        /// <summary>The types, fields and methods that the instructions name.</summary>
        public static List<EntityHandle> TokensIn(BlobReader code)
        {
            var tokens = new List<EntityHandle>();
            while (code.RemainingBytes > 0)
            {
                int value = code.ReadByte();
                if (value == TwoBytes)
                    value = value << 8 | code.ReadByte();
                switch (s_operands[value])
                {
                    case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineType or OperandType.InlineTok:
                        tokens.Add(MetadataTokens.EntityHandle(code.ReadInt32()));
                        break;
                    case OperandType.InlineNone:
                        break;
                    case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                        code.ReadByte();
                        break;
                    case OperandType.InlineVar:
                        code.ReadInt16();
                        break;
                    case OperandType.InlineI8 or OperandType.InlineR:
                        code.ReadInt64();
                        break;
                    case OperandType.InlineSwitch:
                        for (var left = code.ReadInt32(); left > 0; left--)
                            code.ReadInt32();
                        break;
                    default:
                        code.ReadInt32();
                        break;
                }
            }

            return tokens;
        }
    }
}
