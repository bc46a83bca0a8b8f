"""What is built of several parts: conversion, audit, splits."""
