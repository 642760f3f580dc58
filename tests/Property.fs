module Fovea.Tests.Property
