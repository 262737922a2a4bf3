using EtcdFleet.Scenarios.Labs;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

// One lab at a time: two would only slow each other down, and what is measured with them.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: TestMethodOrderer(typeof(FileOrder))]

namespace EtcdFleet.Scenarios.Labs;

/// <summary>Scenarios of a class run in the order of its text, so that the last one may leave the lab migrated. Each of them also runs alone.</summary>
public sealed class FileOrder : ITestMethodOrderer
{
    public IReadOnlyCollection<TTestMethod?> OrderTestMethods<TTestMethod>(IReadOnlyCollection<TTestMethod?> testMethods)
        where TTestMethod : notnull, ITestMethod =>
        [.. testMethods.OrderBy(method => (method as IXunitTestMethod)?.FactAttributes.FirstOrDefault()?.SourceLineNumber)];
}
