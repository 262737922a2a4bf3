using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Fleets.Ansible;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Fleets.Ansible;

/// <summary>Values without quotes within a text: the second column is what Ansible 2.14 made of <c>{{ value }}x</c>.</summary>
public sealed class AnsibleScalarTests
{
    [Theory]
    [InlineData("6", "6")]
    [InlineData("6.0", "6.0")]
    [InlineData("0", "0")]
    [InlineData("-5", "-5")]
    [InlineData("0.0001", "0.0001")]
    [InlineData("100.001", "100.001")]
    [InlineData("99999999999999999999999", "99999999999999999999999")]
    [InlineData("true", "True")]
    [InlineData("yes", "True")]
    [InlineData("Off", "False")]
    [InlineData("y", "y")]
    [InlineData("1.2.3", "1.2.3")]
    [InlineData("1.5.", "1.5.")]
    [InlineData("words", "words")]
    public void InText_WhatIsCertain_IsAnsibles(string written, string inAnsible) => Assert.Equal(inAnsible, AnsibleScalar.InText(new(1, 1, written, true)));

    /// <summary>Some of them would stay as they are. To ask for quotes costs less than to be wrong once.</summary>
    [Theory]
    [InlineData("6.10", "6.1")]
    [InlineData("0123", "83")]
    [InlineData("1:30", "90")]
    [InlineData("190:20:30", "685230")]
    [InlineData("1_000", "1000")]
    [InlineData("10_0.5", "100.5")]
    [InlineData("0x1F", "31")]
    [InlineData("0b11", "3")]
    [InlineData("+5", "5")]
    [InlineData("-0", "0")]
    [InlineData(".5", "0.5")]
    [InlineData("5.", "5.0")]
    [InlineData("1.0e+3", "1000.0")]
    [InlineData("0.00001", "1e-05")]
    [InlineData(".inf", "inf")]
    [InlineData("~", "")]
    [InlineData("", "")]
    [InlineData("1e3", "1e3")]
    [InlineData("089", "089")]
    [InlineData("2026-01-01 10:00:00", "2026-01-01 10:00:00")]
    public void InText_WhatAnsibleMightWriteOtherwise_IsNotGuessed(string written, string inAnsible) =>
        Assert.True(AnsibleScalar.InText(new(1, 1, written, true)) is null, $"expected no answer for {written}, which is '{inAnsible}' in Ansible");

    [Theory]
    [InlineData("6.10")]
    [InlineData("yes")]
    [InlineData("")]
    public void InText_WhatIsQuoted_StaysAsItIs(string written) => Assert.Equal(written, AnsibleScalar.InText(new(1, 1, written, false)));

    [Theory]
    [InlineData("maybe")]
    [InlineData("2")]
    [InlineData("")]
    public void Switch_AnythingElse_StaysForTheReaderToRefuse(string written)
    {
        var scalar = new YamlPart.Scalar(1, 1, written, true);

        Assert.Same(scalar, AnsibleScalar.Switch(scalar));
    }
}
